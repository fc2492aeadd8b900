//! Tables that have exactly one key, which says what the table is.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use std::fmt;

/// Stands for a key that may not be there; says why.
pub(super) struct NoMoreKeys(pub &'static str);

/// Refuses a second key, with the error at that key.
pub(super) fn second_key<'de, A: MapAccess<'de>>(map: &mut A, refusal: NoMoreKeys) -> Result<(), A::Error> {
    map.next_key_seed(refusal).map(|_| ())
}

impl<'de> DeserializeSeed<'de> for NoMoreKeys {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for NoMoreKeys {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("no further key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<(), E> {
        Err(E::custom(format_args!("{}, found `{key}` too", self.0)))
    }
}
