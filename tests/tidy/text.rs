//! Reading Rust as text: what is code, where functions begin and end.

/// The text with comments and the content of string and character literals replaced by spaces; lines stay.
pub fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = literal_end(&chars, at);
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            out.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

/// Where the comment or literal that begins at `at` ends; `at` if none begins there.
fn literal_end(chars: &[char], at: usize) -> usize {
    let rest = &chars[at..];
    match rest {
        ['/', '/', ..] => at + rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()),
        ['/', '*', ..] => at + block_comment_length(rest),
        ['"', ..] => at + string_length(rest),
        ['r', next, ..] if (*next == '"' || *next == '#') && !follows_word(chars, at) => at + raw_string_length(rest),
        // A character literal, and not a lifetime.
        ['\'', '\\', _, tail @ ..] => at + 3 + tail.iter().position(|c| *c == '\'').map_or(tail.len(), |p| p + 1),
        ['\'', _, '\'', ..] => at + 3,
        _ => at,
    }
}

fn follows_word(chars: &[char], at: usize) -> bool {
    // `br"..."` is a raw string too.
    at.checked_sub(1).is_some_and(|before| chars[before] != 'b' && is_word(chars[before]))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn block_comment_length(rest: &[char]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        match rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    at
}

fn string_length(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != '"' {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// Length of `r"..."` or `r##"..."##`; 0 if it is a raw identifier.
fn raw_string_length(rest: &[char]) -> usize {
    let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
    if rest.get(1 + hashes) != Some(&'"') {
        return 0;
    }
    let mut at = 2 + hashes;
    while at < rest.len() {
        if rest[at] == '"' && rest[at + 1..].iter().take_while(|c| **c == '#').count() >= hashes {
            return at + 1 + hashes;
        }
        at += 1;
    }
    rest.len()
}

/// Blanked code without the items under `#[cfg(test)]`; lines stay.
pub fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(start) = rest.find(MARK) {
        let (before, item) = rest.split_at(start);
        out.push_str(before);
        let end = body_end(item, MARK.len());
        out.extend(item[..end].chars().filter(|c| *c == '\n'));
        rest = &item[end..];
    }
    out.push_str(rest);
    out
}

/// Where the item whose text begins at `from` ends: after its body in braces, or after its semicolon.
fn body_end(code: &str, from: usize) -> usize {
    let (mut braces, mut others) = (0_usize, 0_usize);
    for (at, c) in code.char_indices().filter(|(at, _)| *at >= from) {
        match c {
            '{' => braces += 1,
            '}' => {
                braces = braces.saturating_sub(1);
                if braces == 0 && others == 0 {
                    return at + 1;
                }
            }
            '(' | '[' => others += 1,
            ')' | ']' => others = others.saturating_sub(1),
            ';' if braces == 0 && others == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

/// Line, name and length in lines of each function in blanked code.
pub fn function_lengths(code: &str) -> Vec<(usize, String, usize)> {
    let mut functions = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let name: String = code[at + 3..].chars().take_while(|c| is_word(*c)).collect();
        if name.is_empty() || code[..at].chars().next_back().is_some_and(is_word) {
            continue;
        }
        let line = code[..at].matches('\n').count() + 1;
        let end = body_end(code, at);
        functions.push((line, name, code[at..end].matches('\n').count() + 1));
    }
    functions
}

/// The words that directly follow `prefix` in blanked code, with their lines; those of a group in braces
/// one by one.
pub fn words_after(code: &str, prefix: &str) -> Vec<(usize, String)> {
    let mut words = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        if code[..at].chars().next_back().is_some_and(is_word) {
            continue;
        }
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + prefix.len()..];
        if let Some(group) = rest.strip_prefix('{') {
            words.extend(group_heads(group).into_iter().map(|word| (line, word)));
        } else {
            words.push((line, rest.chars().take_while(|c| is_word(*c)).collect()));
        }
    }
    words
}

/// First words of the members of a group whose opening brace has been read.
fn group_heads(group: &str) -> Vec<String> {
    let mut heads = vec![String::new()];
    let mut depth = 0;
    let mut is_head = true;
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                heads.push(String::new());
                is_head = true;
            }
            c if is_word(c) && is_head => heads.last_mut().expect("one at least").push(c),
            c if c.is_whitespace() => {}
            _ => is_head = false,
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

#[test]
fn literals_and_comments_are_blank() {
    assert_eq!(blank("a // b\nc"), "a     \nc");
    assert_eq!(blank("/* a /* b */ c */d"), "                 d");
    assert_eq!(blank(r#"f("}\"{", '{', 'x')"#), "f(      ,    ,    )");
    assert_eq!(blank("r#\"{\"}\"#; &'a str; '\\u{7b}'; r#type"), "        ; &'a str;         ; r#type");
}

#[test]
fn lengths_of_functions() {
    let code = "fn a(x: [u8; 2]) {\n  if x {}\n}\ntrait T {\n  fn b(&self);\n}\nconst P: fn() = a;\n";
    let expected = [(1, "a".to_string(), 3), (5, "b".to_string(), 1)];
    assert_eq!(function_lengths(code), expected);
}

#[test]
fn groups_give_their_first_words() {
    let code = "use crate::{\n a::{b, c}, d, e::f};\nuse mycrate::g; crate::h::i()";
    let expected = [(1, "a"), (1, "d"), (1, "e"), (3, "h")].map(|(line, word)| (line, word.to_string()));
    assert_eq!(words_after(code, "crate::"), expected);
}
