use super::{Group, SETTING, Setting};
use crate::kinds::{Address, Kind, LogLevel};
use crate::layer::Scope;

const APPEARANCE: Setting = Setting { group: Group::Appearance, ..SETTING };

pub(super) static SETTINGS: &[Setting] = &[
    Setting {
        name: "LogLevel",
        kind: Kind::Choice(LogLevel::WORDS),
        default: Some("\"info\""),
        scope: Scope::User,
        summary: "How much the agent logs.",
        explanation: "No level logs a token, a secret or the body of a request.",
        absent: "Each change of state is logged.",
        example: "\"debug\"",
        ..APPEARANCE
    },
    Setting {
        name: "OrganisationName",
        kind: Kind::Text { max: 128 },
        summary: "Your organisation's name, as people see it.",
        explanation: "Shown as \"Managed by ...\" in the window and in texts.",
        absent: "\"Your organisation\" is shown.",
        example: "\"Acme\"",
        ..APPEARANCE
    },
    Setting {
        name: "SupportContact",
        kind: Kind::Text { max: 256 },
        summary: "Whom people ask for help.",
        explanation: "An e-mail address, a telephone number or a channel; it stands in every fault that a person cannot solve.",
        absent: "Faults say \"your IT support\".",
        example: "\"it@acme.example\"",
        ..APPEARANCE
    },
    Setting {
        name: "SupportUrl",
        kind: Kind::Url(Address::Page),
        summary: "A page where people find help.",
        explanation: "Opened from the tray and the window.",
        absent: "No page is offered.",
        example: "\"https://help.acme.example/lanyard\"",
        ..APPEARANCE
    },
    Setting {
        name: "AllowQuit",
        kind: Kind::YesNo,
        default: Some("true"),
        summary: "Whether the tray's menu offers to quit Lanyard.",
        explanation: "Turned off, the menu has no such line. Nothing else offers it: neither the window, the command line nor the API can quit the agent. It is a convenience, not a guard: nothing keeps people from ending their own programs, by a signal or a task manager.",
        absent: "It is offered.",
        example: "false",
        ..APPEARANCE
    },
    Setting {
        name: "AllowSignOut",
        kind: Kind::YesNo,
        default: Some("true"),
        summary: "Whether people may sign out.",
        explanation: "Turned off, no face offers it and the API refuses it.",
        absent: "They may.",
        example: "false",
        ..APPEARANCE
    },
    Setting {
        name: "ShowNotifications",
        kind: Kind::YesNo,
        default: Some("true"),
        scope: Scope::User,
        summary: "Whether notifications are shown.",
        explanation: "Turned off, the tray's icon and the window still show what is so.",
        absent: "They are shown.",
        example: "false",
        ..APPEARANCE
    },
];
