use wire::Code;

use super::{IT, MAKER, Menu, Notice, OWNER, Reason, ServerState, State, Words};

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
        not_configured_hint: "Ihre Organisation hat Lanyard auf diesem Computer nicht eingerichtet.",
        policy_fault: "Die Richtlinie dieses Computers ist fehlerhaft",
        signed_out: "Nicht angemeldet",
        signing_in: "Schließen Sie die Anmeldung im Browser ab",
        signed_in_as: "Angemeldet als {}",
        signed_in: "Angemeldet",
        waiting: "Warten auf Ihren Identitätsanbieter",
        needs_user: "Bitte bestätigen Sie, wer Sie sind",
        vault_opening: "Der Schlüsselbund wird geöffnet",
        vault_locked: "Der Schlüsselbund ist gesperrt",
        vault_away: "Der Schlüsselbund antwortet nicht",
        vault_full: "Der Datenträger nimmt nichts an: Die Anmeldung hält, bis Lanyard endet",
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
        step_up_many: ("{} wollen wissen, wer Sie sind", "Melden Sie sich noch einmal an, um weiterzuarbeiten."),
        step_up_session: (
            "Bitte bestätigen Sie, wer Sie sind",
            "Ihr Identitätsanbieter verlangt, dass Sie sich noch einmal anmelden.",
        ),
        refused: ("Kein Zugang zu {}", "Ihr Konto darf ihn nicht benutzen. Hilfe: {}"),
        refused_many: ("Kein Zugang zu {}", "Ihr Konto darf sie nicht benutzen. Hilfe: {}"),
        vault_closed: (
            "Ihre Anmeldung ist weggeschlossen",
            "Entsperren Sie den Schlüsselbund dieses Computers, oder melden Sie sich bei Lanyard neu an.",
        ),
        account_changed: (
            "Sie wurden abgemeldet",
            "Die Richtlinie Ihrer Organisation lässt diese Anmeldung nicht mehr zu. Melden Sie sich mit Ihrem Arbeitskonto an.",
        ),
        signed_in: ("Angemeldet", "Sie sind angemeldet als {}."),
        diagnostics_copied: ("Diagnose kopiert", "Fügen Sie sie in eine Nachricht an {} ein."),
        helpers: [(IT, "Ihre IT"), (OWNER, "wer den Server betreibt"), (MAKER, "der Hersteller des Programms, das gefragt hat")],
        failed: ("Das hat nicht geklappt", "Wählen Sie es im Fenster noch einmal; dann steht dabei, woran es liegt."),
        no_browser: "Auf diesem Computer ließ sich kein Browser öffnen.",
        no_clipboard: "Die Zwischenablage ließ sich nicht benutzen. Die Seite Hilfe des Fensters sichert die Diagnose als Datei.",
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
        Code::IdpUnreachable => "Ihr Identitätsanbieter ist nicht erreichbar",
        Code::ServerUnreachable => "Der Server ist nicht erreichbar",
        Code::IdpThrottled => "Ihr Identitätsanbieter ist ausgelastet",
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
