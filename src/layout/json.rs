//! A small JSON reader (RFC 8259) that keeps the position of every value and key, which `serde_json`
//! does not. A key that occurs twice in an object is an error here, since nobody means it.

use crate::source::{Problem, SourceText};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// How deep values may be nested.
const DEPTH_MAX: u32 = 100;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    pub span: Range<usize>,
    pub data: Data,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Data {
    Null,
    Bool(bool),
    /// As written.
    Number(String),
    Text(String),
    List(Vec<Value>),
    Object(Vec<Member>),
}

/// A key of an object, with its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Member {
    pub key: String,
    pub key_span: Range<usize>,
    pub value: Value,
}

impl Value {
    /// What the value is, for messages.
    pub fn kind(&self) -> &'static str {
        match self.data {
            Data::Null => "null",
            Data::Bool(_) => "a boolean",
            Data::Number(_) => "a number",
            Data::Text(_) => "a text",
            Data::List(_) => "a list",
            Data::Object(_) => "an object",
        }
    }

    /// The member of an object with this key.
    pub fn member(&self, key: &str) -> Option<&Member> {
        match &self.data {
            Data::Object(members) => members.iter().find(|member| member.key == key),
            _ => None,
        }
    }
}

/// Reads the whole text as one value.
///
/// # Errors
/// The text is not JSON; the position is that of the first byte that does not fit.
pub(super) fn parse(source: &Arc<SourceText>) -> Result<Value, Problem> {
    let start = if source.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader = Reader { source, at: start };
    let value = reader.value(0)?;
    reader.skip_blanks();
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(reader.unexpected("the end of the text")),
    }
}

struct Reader<'a> {
    source: &'a Arc<SourceText>,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.source.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn problem(&self, span: Range<usize>, message: impl Into<String>) -> Problem {
        Problem::at(self.source, span, message, "write JSON as RFC 8259 has it: no comments, no trailing commas")
    }

    fn unexpected(&self, wanted: &str) -> Problem {
        match self.source.text[self.at..].chars().next() {
            Some(found) => {
                let span = self.at..self.at + found.len_utf8();
                self.problem(span, format!("not JSON: expected {wanted}, found `{}`", found.escape_debug()))
            }
            None => self.problem(self.at..self.at, format!("not JSON: expected {wanted}, found the end of the text")),
        }
    }

    fn value(&mut self, depth: u32) -> Result<Value, Problem> {
        self.skip_blanks();
        if depth > DEPTH_MAX {
            return Err(self.problem(self.at..self.at, format!("nested more than {DEPTH_MAX} deep")));
        }
        let start = self.at;
        let data = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Data::Text(self.text()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => self.word()?,
        };
        Ok(Value { span: start..self.at, data })
    }

    fn word(&mut self) -> Result<Data, Problem> {
        let rest = &self.source.text[self.at..];
        let words = [("null", Data::Null), ("true", Data::Bool(true)), ("false", Data::Bool(false))];
        let found = words.into_iter().find(|(word, _)| rest.starts_with(word));
        let (word, data) = found.ok_or_else(|| self.unexpected("a value"))?;
        self.at += word.len();
        Ok(data)
    }

    fn list(&mut self, depth: u32) -> Result<Data, Problem> {
        let mut values = Vec::new();
        self.at += 1;
        self.skip_blanks();
        if self.take(b']') {
            return Ok(Data::List(values));
        }
        loop {
            values.push(self.value(depth + 1)?);
            self.skip_blanks();
            if self.take(b']') {
                return Ok(Data::List(values));
            }
            self.expect(b',', "`,` or `]`")?;
        }
    }

    fn object(&mut self, depth: u32) -> Result<Data, Problem> {
        let mut members: Vec<Member> = Vec::new();
        let mut keys = BTreeSet::new();
        self.at += 1;
        self.skip_blanks();
        if self.take(b'}') {
            return Ok(Data::Object(members));
        }
        loop {
            let member = self.object_member(depth)?;
            if !keys.insert(member.key.clone()) {
                return Err(self.problem(member.key_span, format!("key `{}` occurs twice", member.key)));
            }
            members.push(member);
            self.skip_blanks();
            if self.take(b'}') {
                return Ok(Data::Object(members));
            }
            self.expect(b',', "`,` or `}`")?;
        }
    }

    fn object_member(&mut self, depth: u32) -> Result<Member, Problem> {
        self.skip_blanks();
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        let start = self.at;
        let key = self.text()?;
        let key_span = start..self.at;
        self.skip_blanks();
        self.expect(b':', "`:`")?;
        Ok(Member { key, key_span, value: self.value(depth + 1)? })
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, wanted: &str) -> Result<(), Problem> {
        if self.take(byte) { Ok(()) } else { Err(self.unexpected(wanted)) }
    }

    fn digits(&mut self) -> Result<(), Problem> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.unexpected("a digit"));
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Data, Problem> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(Data::Number(self.source.text[start..self.at].to_owned()))
    }

    /// A text in quotes; stands at the opening quote.
    fn text(&mut self) -> Result<String, Problem> {
        let open = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = &self.source.text[self.at..];
            let Some(next) = rest.chars().next() else {
                return Err(self.problem(open..self.at, "not JSON: a text without closing quote"));
            };
            match next {
                '"' => {
                    self.at += 1;
                    return Ok(text);
                }
                '\\' => text.push(self.escape()?),
                '\0'..='\u{1f}' => return Err(self.unexpected("no control character in a text")),
                _ => {
                    text.push(next);
                    self.at += next.len_utf8();
                }
            }
        }
    }

    /// An escape; stands at the backslash.
    fn escape(&mut self) -> Result<char, Problem> {
        self.at += 1;
        let plain = match self.peek() {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'u') => return self.unicode_escape(),
            _ => return Err(self.unexpected("an escape such as `\\n`")),
        };
        self.at += 1;
        Ok(plain)
    }

    /// `uXXXX`, perhaps as half of a pair; stands at the `u`.
    fn unicode_escape(&mut self) -> Result<char, Problem> {
        let start = self.at;
        let first = self.hex()?;
        let code = if (0xd800..0xdc00).contains(&first) && self.source.text[self.at..].starts_with("\\u") {
            self.at += 1;
            let second = self.hex()?;
            let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400);
            low.map(|low| 0x1_0000 + ((first - 0xd800) << 10) + low)
        } else {
            Some(first)
        };
        let wrong = || self.problem(start..self.at, "not JSON: half of a surrogate pair");
        code.and_then(char::from_u32).ok_or_else(wrong)
    }

    /// `u` and four hexadecimal digits.
    fn hex(&mut self) -> Result<u32, Problem> {
        self.at += 1;
        let digits = self.source.text.get(self.at..self.at + 4);
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let code = code.ok_or_else(|| self.unexpected("four hexadecimal digits"))?;
        self.at += 4;
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Value, Problem> {
        parse(&SourceText::new("layout.json", text))
    }

    fn error_at(text: &str) -> usize {
        read(text).err().map_or(usize::MAX, |problem| problem.span.start)
    }

    #[test]
    fn values_have_the_bytes_that_they_were_read_from() {
        let text = r#" {"a": [1, "ü", true], "b\u0041": null} "#;
        let value = read(text).unwrap();
        let list = &value.member("a").unwrap().value;
        assert_eq!(&text[list.span.clone()], r#"[1, "ü", true]"#);
        assert_eq!(&text[value.member("bA").unwrap().key_span.clone()], r#""b\u0041""#);
    }

    #[test]
    fn errors_stand_at_the_first_wrong_byte() {
        assert_eq!(error_at("{\"a\": 1,}"), 8);
        assert_eq!(error_at("[1 2]"), 3);
        assert_eq!(error_at("[1]]"), 3);
        assert_eq!(error_at("{\"a\": 1, \"a\": 2}"), 9);
        assert_eq!(error_at("\"abc"), 0);
        assert_eq!(error_at(""), 0);
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_crash() {
        assert!(read(&"[".repeat(1_000_000)).is_err());
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(2000))]
        /// Accepts and rejects what `serde_json` does, repeated keys aside.
        #[test]
        fn agrees_with_serde_json(text in r#"[ ]?(\{|\[)?("[a\\nu0d8"]{0,9}"?[:,]?|[-0-9.eE+]{1,5},?|true|null|[\[\]{}:,]){0,6}(\}|\])?"#) {
            let ours = read(&text);
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            let repeated = ours.as_ref().is_err_and(|problem| problem.message.contains("twice"));
            let too_large = theirs.as_ref().is_err_and(|error| error.to_string().contains("out of range"));
            proptest::prop_assert!(ours.is_ok() == theirs.is_ok() || repeated || too_large, "{text}: {ours:?} {theirs:?}");
        }
    }
}
