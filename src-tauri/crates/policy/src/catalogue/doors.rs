use super::{Group, SETTING, Setting};
use crate::kinds::{Item, Kind};

const DOORS: Setting = Setting { group: Group::LocalAccess, ..SETTING };

pub(super) static SETTINGS: &[Setting] = &[
    Setting {
        name: "AllowedPrograms",
        kind: Kind::List { of: Item::Program, min: 0, max: 500 },
        when_faulty: Some("[]"),
        summary: "Which programs may use the doors.",
        explanation: "A list of absolute path patterns (* and ? stay within one folder, ** crosses folders), publishers of signed programs on Windows (publisher:NAME, as the certificate names them), Apple teams (team:ID), and applications of Flatpak and Snap (flatpak:ID, snap:NAME). Once it is set, every other program is refused; an empty list refuses all. A pattern is as strong as the folder it names: one that employees can write to admits whatever they put there.",
        absent: "Every program of the employee may use the doors.",
        example: "[\"/usr/bin/lanyard\",\"/usr/share/code/**\"]",
        ..DOORS
    },
    Setting {
        name: "BlockedPrograms",
        kind: Kind::List { of: Item::Program, min: 0, max: 500 },
        default: Some("[]"),
        summary: "Which programs may not use the doors.",
        explanation: "Written like AllowedPrograms, and stronger: a program in both lists is refused.",
        absent: "No program is refused by name.",
        example: "[\"/home/*/Downloads/**\"]",
        ..DOORS
    },
    Setting {
        name: "LoopbackDoor",
        kind: Kind::YesNo,
        default: Some("true"),
        when_faulty: Some("false"),
        summary: "Whether programs may also come over a port of this computer.",
        explanation: "For clients that can speak only HTTP. They show a key that the employee made for them. Turned off, only the local socket and the bridge remain.",
        absent: "The door is open.",
        example: "false",
        ..DOORS
    },
    Setting {
        name: "LoopbackPort",
        kind: Kind::Number { min: 1024, max: 65_535, zero: true },
        default: Some("0"),
        summary: "The port of the loopback door.",
        explanation: "A fixed port can be written into clients' configurations that you deploy; on a computer with several users only one of them gets it. 0 lets Lanyard pick one for each user and keep it.",
        absent: "A port is picked once for each user and kept.",
        example: "7420",
        ..DOORS
    },
    Setting {
        name: "TokenDoor",
        kind: Kind::YesNo,
        default: Some("true"),
        when_faulty: Some("false"),
        summary: "Whether programs may be given tokens.",
        explanation: "Turned off, only the gateway and the bridge serve servers, and tokens never leave Lanyard.",
        absent: "Programs that ask for a token get it.",
        example: "false",
        ..DOORS
    },
];
