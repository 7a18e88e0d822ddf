//! Lists of tools in what a server answers.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::containment::Contained;
use super::document::members;
use crate::api::body::BodyFault;
use crate::strict::{self, Bounds};

const BOUNDS: Bounds = Bounds { depth: 127, count: usize::MAX, control: true };

/// What a server says of one tool, as far as anything is decided by it.
#[derive(Deserialize)]
struct Tool<'t> {
    #[serde(borrow)]
    name: Cow<'t, str>,
    #[serde(default)]
    annotations: Annotations,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Annotations {
    read_only_hint: Option<bool>,
}

/// The tools of one answer, by name, with whether they only read, and the cursor of the next page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) tools: HashMap<String, bool>,
    pub(crate) next: Option<String>,
}

/// One message of a server without the tools that `contained` does not show. A message that lists none is unchanged.
///
/// # Errors
/// When it could be read in two ways.
pub(crate) fn shown<'t>(text: &'t str, contained: &Contained<'_>) -> Result<Cow<'t, str>, BodyFault> {
    strict::judge(text, BOUNDS)?;
    let trimmed = text.trim_ascii();
    let messages: Vec<&RawValue> = match trimmed.starts_with('[') {
        true => serde_json::from_str(trimmed).map_err(|_| BodyFault::Shape)?,
        false => vec![serde_json::from_str(trimmed).map_err(|_| BodyFault::Shape)?],
    };
    let mut after = String::new();
    let mut written = 0;
    for list in messages.into_iter().filter_map(listed) {
        let kept: Vec<&str> = entries(list)?.into_iter().filter(|entry| is_shown(entry, contained)).map(RawValue::get).collect();
        let place = list.get().as_ptr().addr() - text.as_ptr().addr();
        after.push_str(&text[written..place]);
        after.push('[');
        after.push_str(&kept.join(","));
        after.push(']');
        written = place + list.get().len();
    }
    if written == 0 {
        return Ok(Cow::Borrowed(text));
    }
    after.push_str(&text[written..]);
    Ok(Cow::Owned(after))
}

/// One page of an answer to `tools/list`; none where it is no such answer. A tool that is listed twice only reads if
/// both entries say so.
pub(crate) fn page(text: &str) -> Option<Page> {
    strict::judge(text, BOUNDS).ok()?;
    let message: &RawValue = serde_json::from_str(text.trim_ascii()).ok()?;
    let mut page = Page::default();
    for entry in entries(listed(message)?).ok()? {
        let Ok(tool) = serde_json::from_str::<Tool<'_>>(entry.get()) else { continue };
        let reads = tool.annotations.read_only_hint == Some(true);
        let known = page.tools.entry(tool.name.into_owned()).or_insert(reads);
        *known &= reads;
    }
    let result = members(message)?.remove("result")?;
    page.next = members(result)?.remove("nextCursor").and_then(|cursor| serde_json::from_str(cursor.get()).ok());
    Some(page)
}

/// The list of tools in a message's result.
fn listed(message: &RawValue) -> Option<&RawValue> {
    let result = members(message)?.remove("result")?;
    members(result)?.remove("tools").filter(|tools| tools.get().starts_with('['))
}

fn entries(list: &RawValue) -> Result<Vec<&RawValue>, BodyFault> {
    serde_json::from_str(list.get()).map_err(|_| BodyFault::Shape)
}

/// An entry that cannot be read is not shown.
fn is_shown(entry: &RawValue, contained: &Contained<'_>) -> bool {
    let tool = serde_json::from_str::<Tool<'_>>(entry.get());
    tool.is_ok_and(|tool| contained.shows(&tool.name, tool.annotations.read_only_hint == Some(true)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::containment::{Bounds, Containment, ToolPattern};

    fn contained(deny: &[&str], read_only: bool) -> Containment {
        let deny = deny.iter().map(|text| ToolPattern::parse(text).unwrap()).collect();
        Containment { all: Bounds { allow: None, deny, read_only }, programs: Vec::new() }
    }

    #[test]
    fn denied_tools_disappear_and_the_rest_stays_as_it_is_written() {
        let text = r#"{"id":1, "result":{"tools":[{"name":"read", "x":1.0}, {"name":"wipe"},{"nonsense":1}],"nextCursor":"c"}}"#;
        let rule = contained(&["wipe"], false);
        assert_eq!(
            shown(text, &rule.of(None)).unwrap(),
            r#"{"id":1, "result":{"tools":[{"name":"read", "x":1.0}],"nextCursor":"c"}}"#
        );
        let batch = format!("[{text},{text}]");
        assert_eq!(shown(&batch, &rule.of(None)).unwrap().matches("wipe").count(), 0);
        for same in [r#"{"id":1,"result":{"content":[]}}"#, r#"{"method":"x","params":{"tools":[{"name":"wipe"}]}}"#] {
            assert_eq!(shown(same, &rule.of(None)).unwrap(), same);
        }
        assert_eq!(
            shown(r#"{"result":{"tools":[]},"result":{"tools":[{"name":"wipe"}]}}"#, &rule.of(None)),
            Err(BodyFault::NameTwice)
        );
    }

    #[test]
    fn where_only_reading_is_allowed_a_tool_must_say_that_it_reads() {
        let text = r#"{"result":{"tools":[{"name":"a","annotations":{"readOnlyHint":true}},{"name":"b","annotations":{"readOnlyHint":false}},{"name":"c"},{"name":"d","annotations":{"readOnlyHint":"true"}}]}}"#;
        let rule = contained(&[], true);
        assert_eq!(
            shown(text, &rule.of(None)).unwrap(),
            r#"{"result":{"tools":[{"name":"a","annotations":{"readOnlyHint":true}}]}}"#
        );
        let found = page(text).unwrap().tools;
        assert_eq!((found.get("a"), found.get("b"), found.get("c")), (Some(&true), Some(&false), Some(&false)));
    }

    #[test]
    fn a_tool_that_is_listed_twice_reads_only_if_both_say_so() {
        let text = r#"{"result":{"nextCursor":"2","tools":[{"name":"a","annotations":{"readOnlyHint":true}},{"name":"a"}]}}"#;
        let found = page(text).unwrap();
        assert_eq!((found.tools.get("a"), found.next.as_deref()), (Some(&false), Some("2")));
        assert!(page(r#"{"error":{"code":1}}"#).is_none() && page("x").is_none());
    }
}
