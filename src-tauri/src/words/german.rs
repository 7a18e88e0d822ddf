use wire::Code;

use super::{Menu, Notice, Reason, ServerState, State, Words};

/// German.
pub(crate) static GERMAN: Words = Words {
    menu: Menu {
        open: "Lanyard öffnen…",
        sign_in: "Anmelden…",
        sign_out: "Abmelden",
        pause: "Anhalten",
        copy_diagnostics: "Diagnose kopieren",
        help: "Hilfe",
        quit: "Beenden",
        more: "{} weitere im Fenster…",
        server: "{} – {}",
        ask: "Hilfe: {}",
        managed: "Verwaltet von {}",
    },
    state: State {
        offline: "Lanyard antwortet nicht",
        cannot_start: "Lanyard kann nicht starten",
        not_configured: "Noch nicht eingerichtet",
        not_configured_hint: "Ihre Organisation hat Lanyard auf diesem Rechner nicht eingerichtet.",
        policy_fault: "Die Richtlinie dieses Rechners ist fehlerhaft",
        signed_out: "Nicht angemeldet",
        signing_in: "Schließen Sie die Anmeldung im Browser ab",
        signed_in_as: "Angemeldet als {}",
        signed_in: "Angemeldet",
        waiting: "Warten auf Ihren Anmeldedienst",
        needs_user: "Bitte bestätigen Sie, wer Sie sind",
        vault_opening: "Der Schlüsselbund wird geöffnet",
        vault_locked: "Der Schlüsselbund ist gesperrt",
        vault_away: "Der Schlüsselbund antwortet nicht",
        paused: "Angehalten: kein Programm erhält Zugang",
        screen_locked: "Bildschirm gesperrt: kein Programm erhält Zugang",
    },
    reason: Reason {
        policy: "Ihre Organisation hat geändert, wer Sie anmeldet.",
        revoked: "Ihre Organisation hat die Anmeldung beendet; das Konto ist vielleicht gesperrt.",
        expired: "Die Anmeldung ist abgelaufen.",
        account: "Dieses Konto lässt Ihre Organisation hier nicht zu.",
        vault_damaged: "Was von der Anmeldung aufbewahrt war, ließ sich nicht lesen.",
    },
    notice: Notice {
        sign_in: ("Anmeldung nötig", "Melden Sie sich bei Lanyard an, damit Ihre Programme arbeiten können."),
        ended: (
            "Sie wurden abgemeldet",
            "Ihre Organisation hat die Anmeldung beendet; das Konto ist vielleicht gesperrt. Hilfe: {}",
        ),
        step_up: ("{} will wissen, wer Sie sind", "Melden Sie sich noch einmal an, um weiterzuarbeiten."),
        step_up_session: (
            "Bitte bestätigen Sie, wer Sie sind",
            "Ihr Anmeldedienst verlangt, dass Sie sich noch einmal anmelden.",
        ),
        refused: ("Kein Zugang zu {}", "Ihr Konto darf ihn nicht benutzen. Hilfe: {}"),
        account_changed: (
            "Sie wurden abgemeldet",
            "Die Richtlinie Ihrer Organisation lässt diese Anmeldung nicht mehr zu. Melden Sie sich mit Ihrem Arbeitskonto an.",
        ),
        signed_in: ("Angemeldet", "Sie sind angemeldet als {}."),
        diagnostics_copied: ("Diagnose kopiert", "Fügen Sie sie in eine Nachricht an {} ein."),
        it_support: "Ihre IT",
        failed: "Das hat nicht geklappt",
        and_more: "{} und {} weitere",
        show: "Anzeigen",
    },
    server,
    fault,
};

fn server(state: ServerState) -> &'static str {
    match state {
        ServerState::Idle => "verfügbar",
        ServerState::Ready => "bereit",
        ServerState::Renewing => "wird erneuert",
        ServerState::Denied => "Zugang verweigert",
        ServerState::Unreachable => "nicht erreichbar",
        ServerState::Misconfigured => "nicht richtig eingerichtet",
        ServerState::NeedsUser => "verlangt eine Anmeldung",
    }
}

fn fault(code: Code) -> &'static str {
    match code {
        Code::NotConfigured => "Noch nicht eingerichtet",
        Code::PolicyFault => "Die Richtlinie ist fehlerhaft",
        Code::SignInRequired => "Anmeldung nötig",
        Code::StepUpRequired => "Eine stärkere Anmeldung ist nötig",
        Code::SignInInProgress => "Eine Anmeldung läuft",
        Code::VaultLocked => "Der Schlüsselbund ist gesperrt",
        Code::VaultUnavailable => "Der Schlüsselbund antwortet nicht",
        Code::IdpUnreachable => "Ihr Anmeldedienst ist nicht erreichbar",
        Code::ServerUnreachable => "Der Server ist nicht erreichbar",
        Code::IdpThrottled => "Ihr Anmeldedienst ist ausgelastet",
        Code::Busy => "Lanyard ist ausgelastet",
        Code::IdpRefused => "Zugang verweigert",
        Code::AccountNotAllowed => "Dieses Konto ist hier nicht zugelassen",
        Code::ClientNotAllowed => "Dieses Programm ist nicht zugelassen",
        Code::ServerRefused => "Der Server hat Ihr Konto abgelehnt",
        Code::ServerUnknown => "Kein solcher Server in der Richtlinie",
        Code::ServerMisconfigured => "Etwas ist nicht richtig eingerichtet",
        Code::ServerNotSupported => "Der Server kennt diese Anmeldung nicht",
        Code::ScopeNotAllowed => "Mehr Rechte verlangt als erlaubt",
        Code::DoorClosed => "Angehalten, oder von der Richtlinie gesperrt",
        Code::BadRequest => "Die Anfrage wurde nicht verstanden",
        Code::VersionUnsupported => "Die Versionen passen nicht zusammen",
        Code::Internal => "Etwas ist kaputtgegangen",
    }
}
