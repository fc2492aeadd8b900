//! Schemas of what is read by hand, and of `[layouts]`.
//!
//! They say what an editor can use: types, names, forms. Limits of numbers and what fits together are checked where a
//! scenario is read.

use super::{Condition, CycleWeights, Distribution, DistributionKind, Ids, NodeId, PushShard, Recipients};
use super::{Mean, Spanned};
use crate::layout::Role;
use crate::scenario::duration::Time;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// A schema that is written out at each place, or once under a name.
macro_rules! by_hand {
    ($type:ty, $name:literal, $generator:ident => $schema:expr) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

by_hand!(Time, "Time", _generator => json_schema!({
    "description": "A time with a unit: \"300s\", \"5ms\", \"1h30m\"",
    "type": "string",
    "pattern": "^\\s*(0|([0-9]+(\\.[0-9]+)?\\s*(ns|us|ms|s|m|h|d|w|y)\\s*)+)$",
}));
by_hand!(Ids, "Ids", _generator => json_schema!({
    "description": "Node ids: \"1-5\", \"1,3,7-9\", [1, 3]",
    "anyOf": [
        { "type": "string" },
        { "type": "integer", "minimum": 0 },
        { "type": "array", "items": { "type": "integer", "minimum": 0 } },
    ],
}));
by_hand!(NodeId, "NodeId", _generator => json_schema!({ "type": "integer", "minimum": 0 }));
by_hand!(PushShard, "PushShard", _generator => json_schema!({ "type": ["integer", "string"] }));
by_hand!(CycleWeights, "CycleWeights", _generator => json_schema!({
    "anyOf": [
        { "enum": ["flat", "office"] },
        { "type": "array", "items": { "type": "number", "minimum": 0 } },
    ],
}));
by_hand!(Condition, "Condition", _generator => json_schema!({
    "description": "A comparison and a limit: \"< 60s\", \"= 1\", \"< 0.1%\"",
    "type": "string",
    "pattern": "^\\s*(<=|>=|<|>|=)",
}));
by_hand!(Recipients, "Recipients", generator => {
    let mean = generator.subschema_for::<Mean<Spanned<f64>>>();
    json_schema!({
        "anyOf": [
            { "type": "number", "minimum": 1 },
            one_key("constant", json!({ "type": "number", "minimum": 1 })),
            one_key("geometric", mean.to_value()),
        ],
    })
});
by_hand!(Distribution, "Distribution", generator => {
    let (time, kind) = (generator.subschema_for::<Time>(), generator.subschema_for::<DistributionKind>());
    json_schema!({ "description": "A distribution of times, or a plain time", "anyOf": [time, kind] })
});

/// A table with one key.
fn one_key(key: &str, value: Value) -> Value {
    json!({ "type": "object", "properties": { key: value }, "required": [key], "additionalProperties": false })
}

/// Any TOML: roles are read as the server reads them, which takes nearly everything.
pub struct Layouts;

by_hand!(Layouts, "Layouts", _generator => {
    let items = json!({
        "description": "One text a shard, with the ids of its nodes: [\"1,2\", \"3,4\"]",
        "type": ["array", "string", "integer", "object"],
    });
    let mut roles = Map::new();
    for role in Role::ALL.iter().map(ToString::to_string) {
        match role.split_once('.') {
            Some((group, name)) => {
                let table = roles.entry(group).or_insert_with(|| json!({ "type": "object", "properties": {} }));
                table["properties"][name] = items.clone();
            }
            None => drop(roles.insert(role, items.clone())),
        }
    }
    let version = json!({ "description": "Version of the server under this layout", "type": "string" });
    let file = json!({ "description": "Your own config.toml, or a file of 0.16 role objects", "type": "string" });
    let cluster = json!({
        "type": "object",
        "properties": { "roles": { "type": "object", "properties": roles } },
        "additionalProperties": false,
    });
    let table = json!({
        "type": "object",
        "properties": { "file": file.clone(), "version": version, "cluster": cluster },
        "additionalProperties": false,
    });
    json_schema!({
        "description": "The layouts to simulate: each meets the same messages, service demands and failures",
        "type": "object",
        "minProperties": 1,
        "additionalProperties": { "anyOf": [file, table] },
    })
});

/// A date and time of TOML, which a schema sees as text.
pub struct Start;

by_hand!(Start, "Start", _generator => json_schema!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}" }));
