//! The JSON schema of the scenario file, for editors.

use super::wire;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// The JSON schema (draft 7, which editors for TOML know) of a scenario file.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<wire::File>().to_value();
    without_null(&mut schema);
    schema["title"] = json!("rolesim scenario");
    schema
}

/// TOML has no null: a key that may be missing is not one that may be null.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Array(types)) = map.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    map.insert("type".into(), only);
                }
            }
            if let Some(Value::Array(options)) = map.get_mut("anyOf") {
                options.retain(|option| option["type"] != "null");
                if let [only] = options.as_slice() {
                    let only = only.clone();
                    map.remove("anyOf");
                    // A reference must stand alone in draft 7.
                    if map.is_empty() {
                        *schema = only;
                        return without_null(schema);
                    }
                    map.insert("allOf".into(), json!([only]));
                }
            }
            map.values_mut().for_each(without_null);
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}
