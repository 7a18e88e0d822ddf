use super::{Group, SETTING, Setting};
use crate::kinds::{Address, Item, Kind, ProxyMode};

const NETWORK: Setting = Setting { group: Group::Network, ..SETTING };

pub(super) static SETTINGS: &[Setting] = &[
    Setting {
        name: "ProxyMode",
        kind: Kind::Choice(ProxyMode::WORDS),
        default: Some("\"system\""),
        summary: "How Lanyard reaches the network.",
        explanation: "system follows the operating system, none goes directly, fixed uses ProxyUrl. This computer itself is never reached through a proxy.",
        absent: "The operating system's proxy is used.",
        example: "\"fixed\"",
        ..NETWORK
    },
    Setting {
        name: "ProxyUrl",
        kind: Kind::Url(Address::Proxy),
        summary: "The proxy, when ProxyMode is fixed.",
        explanation: "A scheme (http or https), a host and a port. Proxies that ask for a user name are not supported.",
        absent: "There is no fixed proxy.",
        example: "\"http://proxy.acme.example:8080\"",
        ..NETWORK
    },
    Setting {
        name: "ProxyBypass",
        kind: Kind::List { of: Item::Host, min: 0, max: 500 },
        default: Some("[]"),
        summary: "What is reached without the fixed proxy.",
        explanation: "Hosts, domains with a leading dot or *., and networks.",
        absent: "Everything but this computer goes through the proxy.",
        example: "[\".acme.example\",\"10.0.0.0/8\"]",
        ..NETWORK
    },
    Setting {
        name: "ExtraCaFile",
        kind: Kind::Path,
        summary: "Certificate authorities trusted in addition to the system's.",
        explanation: "The absolute path of a PEM file, protected like the policy itself: owned by the administrator and writable by nobody else. Prefer to install the authority in the operating system.",
        absent: "The operating system's trust store alone decides.",
        example: "\"/etc/lanyard/ca.pem\"",
        ..NETWORK
    },
    Setting {
        name: "AllowInsecureLoopback",
        kind: Kind::YesNo,
        default: Some("false"),
        summary: "Whether plain http is admitted for issuers and servers on this computer.",
        explanation: "For development only: http for 127.0.0.1, ::1 and localhost. Lanyard warns for as long as it is set.",
        absent: "https is required everywhere.",
        example: "true",
        ..NETWORK
    },
];
