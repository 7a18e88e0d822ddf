use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstObject, CstRootNode};
use serde_json::Value;

/// What editors take: comments and trailing commas, and no other liberty.
const OPTIONS: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_loose_object_property_names: false,
    allow_trailing_commas: true,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

pub(super) fn read(text: &str) -> Result<Value, String> {
    let (root, _) = parse(text)?;
    root.value().and_then(|value| value.to_serde_value()).ok_or_else(|| "it has no value".to_owned())
}

pub(super) fn set(text: &str, container: &str, name: &str, entry: &Value) -> Result<String, String> {
    let (root, object) = parse(text)?;
    let servers = object.object_value_or_create(container).ok_or_else(|| format!("`{container}` is not an object"))?;
    match servers.get(name) {
        Some(known) if known.value().and_then(|value| value.to_serde_value()).as_ref() == Some(entry) => {}
        Some(known) => known.set_value(input(entry)),
        None => drop(servers.append(name, input(entry))),
    }
    Ok(root.to_string())
}

pub(super) fn unset(text: &str, container: &str, name: &str) -> Result<String, String> {
    let (root, object) = parse(text)?;
    if let Some(known) = object.object_value(container).and_then(|servers| servers.get(name)) {
        known.remove();
    }
    Ok(root.to_string())
}

fn parse(text: &str) -> Result<(CstRootNode, CstObject), String> {
    let text = if text.trim().is_empty() { "{}\n" } else { text };
    let root = CstRootNode::parse(text, &OPTIONS).map_err(|error| error.to_string())?;
    let object = root.object_value().ok_or_else(|| "it is not an object".to_owned())?;
    Ok((root, object))
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(value) => CstInputValue::Bool(*value),
        Value::Number(value) => CstInputValue::Number(value.to_string()),
        Value::String(value) => CstInputValue::String(value.clone()),
        Value::Array(values) => CstInputValue::Array(values.iter().map(input).collect()),
        Value::Object(values) => CstInputValue::Object(values.iter().map(|(name, value)| (name.clone(), input(value))).collect()),
    }
}
