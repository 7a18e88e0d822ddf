use super::{Group, SETTING, Setting};
use crate::kinds::{AutoSignIn, Kind, OnScreenLock, VaultFallback};
use crate::layer::Scope;

const SESSION: Setting = Setting { group: Group::Session, ..SETTING };

pub(super) static SETTINGS: &[Setting] = &[
    Setting {
        name: "AutoSignIn",
        kind: Kind::Choice(AutoSignIn::WORDS),
        default: Some("\"off\""),
        scope: Scope::User,
        summary: "Whether the browser opens for sign-in without a click.",
        explanation: "at-log-on opens the browser once for each log-on when nobody is signed in. Where the identity provider knows the device, that sign-in needs no act of the person.",
        absent: "The browser opens only when the person asks.",
        example: "\"at-log-on\"",
        ..SESSION
    },
    Setting {
        name: "MaxTokenLifeSeconds",
        kind: Kind::Number { min: 60, max: 86_400, zero: false },
        default: Some("3600"),
        summary: "How long a server's token is served at most.",
        explanation: "In seconds, whatever life the server's authorization server gave it. A shorter time makes a disabled account lose access sooner and costs more exchanges.",
        absent: "One hour.",
        example: "1800",
        ..SESSION
    },
    Setting {
        name: "RenewalMarginSeconds",
        kind: Kind::Number { min: 0, max: 3600, zero: false },
        default: Some("60"),
        summary: "How long before its end a token is renewed.",
        explanation: "In seconds; the smaller of this and a fifth of the token's life is used.",
        absent: "60 seconds.",
        example: "120",
        ..SESSION
    },
    Setting {
        name: "MonthlyMintBudget",
        kind: Kind::Number { min: 0, max: 100_000, zero: false },
        default: Some("250"),
        summary: "How many assertions a month the licence covers, for each server.",
        explanation: "Identity providers license assertions (Okta: 250 for each user, application and month). Lanyard counts them and warns at 80 % of the budget; it never refuses because of it. 0 means no budget.",
        absent: "250.",
        example: "0",
        ..SESSION
    },
    Setting {
        name: "SessionCheckSeconds",
        kind: Kind::Number { min: 5, max: 86_400, zero: false },
        default: Some("900"),
        summary: "How often the session is confirmed at the identity provider.",
        explanation: "In seconds, jittered, and only while tokens are in use; any successful renewal or exchange counts. It bounds how long a disabled account keeps its cached tokens. Keep a large fleet under the identity provider's rate limit.",
        absent: "15 minutes.",
        example: "300",
        ..SESSION
    },
    Setting {
        name: "OnScreenLock",
        kind: Kind::Choice(OnScreenLock::WORDS),
        default: Some("\"keep\""),
        when_faulty: Some("\"wipe-cache\""),
        summary: "What happens when the screen is locked.",
        explanation: "pause-serving closes the doors until the screen is unlocked, wipe-cache also wipes the cached tokens. The session itself is kept.",
        absent: "Tokens are served on, so that work in the background continues.",
        example: "\"pause-serving\"",
        ..SESSION
    },
    Setting {
        name: "SignOutRevokes",
        kind: Kind::YesNo,
        default: Some("true"),
        summary: "Whether signing out also ends the session at the identity provider.",
        explanation: "The refresh token is revoked (RFC 7009) and the browser is sent to the identity provider's end of session.",
        absent: "It does.",
        example: "false",
        ..SESSION
    },
    Setting {
        name: "VaultFallback",
        kind: Kind::Choice(VaultFallback::WORDS),
        default: Some("\"memory-only\""),
        summary: "Where the vault's key rests when the system has no keychain.",
        explanation: "memory-only keeps nothing on disk: employees sign in again after each restart of the agent. machine-key-file keeps the key in a file that only the person can read, bound to the machine; whoever can read the person's files on that machine can then read the vault.",
        absent: "memory-only.",
        example: "\"machine-key-file\"",
        ..SESSION
    },
];
