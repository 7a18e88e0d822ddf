use super::{Group, SETTING, Setting};
use crate::kinds::Kind;

pub(super) static SETTINGS: &[Setting] = &[
    Setting {
        name: "Servers",
        group: Group::Servers,
        kind: Kind::Servers,
        default: Some("{}"),
        summary: "The MCP servers that employees may use through Lanyard.",
        explanation: "A dictionary of at most 1,000 servers. The name of an entry is the server's id: a letter or digit, then up to 63 letters, digits, dots, underscores and hyphens. A bad entry is left out and reported; the others apply. A place that sets Servers replaces the whole dictionary of the places before it.",
        absent: "There are no servers.",
        example: "{\"linear\":{\"url\":\"https://mcp.linear.app/mcp\",\"title\":\"Linear\",\"scopes\":[\"read\",\"write\"]}}",
        ..SETTING
    },
    Setting {
        name: "ServersJson",
        group: Group::Servers,
        kind: Kind::ServersText,
        secret: true,
        summary: "The same dictionary as Servers, as one JSON text.",
        explanation: "For management tools that can deliver only texts. When Servers is set as well, Servers applies and the agent reports it. It is shown as set or not set, because it may hold secrets of servers.",
        absent: "Servers applies.",
        example: "\"{\\\"linear\\\":{\\\"url\\\":\\\"https://mcp.linear.app/mcp\\\"}}\"",
        ..SETTING
    },
];
