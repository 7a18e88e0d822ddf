use serde_json::{Map, Value};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike};

pub(super) fn read(text: &str) -> Result<Value, String> {
    Ok(table(parse(text)?.as_table()))
}

pub(super) fn set(text: &str, container: &str, name: &str, entry: &Value) -> Result<String, String> {
    let mut document = parse(text)?;
    let servers = document.entry(container).or_insert_with(|| {
        let mut servers = Table::new();
        servers.set_implicit(true);
        Item::Table(servers)
    });
    let servers = servers.as_table_like_mut().ok_or_else(|| format!("`{container}` is not a table"))?;
    if servers.get(name).map(item).as_ref() == Some(entry) {
        return Ok(text.to_owned());
    }
    let Value::Object(members) = entry else { return Err("an entry is a table".to_owned()) };
    let mut new = Table::new();
    for (name, value) in members {
        new.insert(name, Item::Value(written(value)));
    }
    servers.insert(name, Item::Table(new));
    Ok(document.to_string())
}

pub(super) fn unset(text: &str, container: &str, name: &str) -> Result<String, String> {
    let mut document = parse(text)?;
    if let Some(servers) = document.get_mut(container).and_then(Item::as_table_like_mut) {
        servers.remove(name);
    }
    Ok(document.to_string())
}

fn parse(text: &str) -> Result<DocumentMut, String> {
    text.parse().map_err(|error: toml_edit::TomlError| error.message().to_owned())
}

fn written(value: &Value) -> toml_edit::Value {
    match value {
        Value::Bool(value) => (*value).into(),
        Value::Number(value) => match value.as_i64() {
            Some(whole) => whole.into(),
            None => value.as_f64().unwrap_or_default().into(),
        },
        Value::String(value) => value.as_str().into(),
        Value::Array(values) => toml_edit::Value::Array(values.iter().map(written).collect::<Array>()),
        Value::Object(members) => toml_edit::Value::InlineTable(
            members.iter().map(|(name, value)| (name.clone(), written(value))).collect::<InlineTable>(),
        ),
        Value::Null => "".into(),
    }
}

fn table(table: &dyn TableLike) -> Value {
    Value::Object(table.iter().map(|(name, value)| (name.to_owned(), item(value))).collect::<Map<_, _>>())
}

fn item(found: &Item) -> Value {
    match found {
        Item::None => Value::Null,
        Item::Value(found) => value(found),
        Item::Table(found) => table(found),
        Item::ArrayOfTables(found) => found.iter().map(|found| table(found)).collect(),
    }
}

fn value(found: &toml_edit::Value) -> Value {
    match found {
        toml_edit::Value::String(text) => text.value().as_str().into(),
        toml_edit::Value::Integer(number) => (*number.value()).into(),
        toml_edit::Value::Float(number) => (*number.value()).into(),
        toml_edit::Value::Boolean(yes) => (*yes.value()).into(),
        toml_edit::Value::Datetime(time) => time.value().to_string().into(),
        toml_edit::Value::Array(values) => values.iter().map(value).collect(),
        toml_edit::Value::InlineTable(found) => table(found),
    }
}
