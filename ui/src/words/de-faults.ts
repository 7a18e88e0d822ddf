import type { FaultTable, FaultWords } from "./en-faults";

/** Faults that are known by their title, as their code tells too little: of the agent, and of this window itself. */
export const defects: Record<string, FaultWords> = {
  "Sign-in not kept": {
    title: "Anmeldung nicht aufbewahrt",
    detail: "Der Datenträger nimmt nichts an, darum ist die Anmeldung nur im Arbeitsspeicher und endet mit Lanyard.",
    action: "Schaffen Sie Platz auf dem Datenträger; Lanyard bewahrt die Anmeldung bei der nächsten Erneuerung auf.",
  },
  "Lanyard cannot start": {
    title: "Lanyard kann nicht starten",
    detail: "Der Agent von Lanyard ist nicht gestartet. Woran es liegt, steht unten.",
    action: "Beheben Sie, was dort steht; Lanyard versucht es von selbst wieder.",
  },
  "Lanyard is not running": {
    title: "Lanyard läuft nicht",
    detail: "Für Sie läuft kein Lanyard-Agent.",
    action: "Starten Sie Lanyard aus dem Menü der Arbeitsumgebung und versuchen Sie es dann noch einmal.",
  },
  "Another's socket": {
    title: "Der Socket gehört jemand anderem",
    detail: "Wo der Agent antworten müsste, antwortet jemand anderes, darum wurde nichts dorthin gesendet.",
    action: "Lassen Sie die IT nachsehen, wer das war, bevor Sie weiterarbeiten.",
  },
  "No answer": {
    title: "Keine Antwort",
    detail: "Was Sie wollten, ließ sich nicht ausführen.",
    action: "Versuchen Sie es noch einmal; bleibt es so, starten Sie Lanyard neu.",
  },
  "Answer not understood": {
    title: "Antwort nicht verstanden",
    detail: "Das Fenster hat die Antwort des Agenten nicht verstanden.",
    action: "Erneuern Sie Lanyard, oder starten Sie es nach einer Erneuerung neu.",
  },
  "No folder": {
    title: "Kein Ordner",
    detail: "Sie haben keinen Ordner, in dem die Diagnose gesichert werden könnte.",
    action: "Nehmen Sie in einem Terminal `lanyard diagnostics DATEI`.",
  },
  "Not installed whole": {
    title: "Nicht vollständig installiert",
    detail: "Das Programm `lanyard`, das neben diesem Fenster stehen muss, ließ sich nicht benutzen.",
    action: "Lassen Sie die IT Lanyard neu installieren.",
  },
};

export const faults: FaultTable = {
  "not-configured": ["Noch nicht eingerichtet", "Auf diesem Computer gibt es keine Lanyard-Richtlinie, die einen Identitätsanbieter nennt.", "Warten Sie, bis Ihre Organisation ihn eingerichtet hat; hier ist nichts zu tun."],
  "policy-fault": ["Richtlinie fehlerhaft", "Die Lanyard-Richtlinie dieses Computers hat einen Fehler in einer Einstellung, die entscheidet, wer sich anmelden darf.", "Unter Hilfe steht, welche Einstellung es ist; die IT kann sie berichtigen."],
  "sign-in-required": ["Anmeldung nötig", "Sie sind nicht bei Lanyard angemeldet.", "Wählen Sie Anmelden auf der Seite Konto und versuchen Sie es dann noch einmal."],
  "step-up-required": ["Stärkere Anmeldung nötig", "Ihr Identitätsanbieter möchte bestätigt haben, wer Sie sind, bevor dieser Server benutzt werden darf.", "Melden Sie sich noch einmal an und bestätigen Sie im Browser."],
  "sign-in-in-progress": ["Anmeldung läuft", "In Ihrem Browser ist eine Anmeldung offen.", "Schließen Sie sie dort ab, oder warten Sie, bis sie von selbst endet."],
  "vault-locked": ["Schlüsselbund gesperrt", "Der Schlüsselbund, der Ihre Anmeldung schützt, ist gesperrt.", "Entsperren Sie ihn, oder melden Sie sich neu an."],
  "vault-unavailable": ["Schlüsselbund nicht da", "Der Schlüsselbund, der Ihre Anmeldung schützt, antwortet nicht.", "Starten Sie Ihren Schlüsselbund, oder melden Sie sich ohne ihn neu an."],
  "idp-unreachable": ["Identitätsanbieter nicht erreichbar", "Ihr Identitätsanbieter ist von diesem Computer aus gerade nicht zu erreichen.", "Prüfen Sie das Netz; Lanyard versucht es von selbst wieder."],
  "server-unreachable": ["Server nicht erreichbar", "Der Server oder sein Autorisierungsserver ist gerade nicht zu erreichen.", "Prüfen Sie das Netz und versuchen Sie es noch einmal."],
  "idp-throttled": ["Identitätsanbieter ausgelastet", "Ihr Identitätsanbieter bittet darum, langsamer zu fragen.", "Warten Sie ein wenig; Lanyard versucht es von selbst wieder."],
  busy: ["Lanyard ist ausgelastet", "Auf diesem Computer warten zu viele Anfragen.", "Warten Sie einige Sekunden und versuchen Sie es noch einmal."],
  "idp-refused": ["Zugang verweigert", "Ihr Identitätsanbieter erlaubt Ihrem Konto diesen Server nicht.", "Bitten Sie um Zugang und wählen Sie dann „Noch einmal versuchen“."],
  "account-not-allowed": ["Konto nicht zugelassen", "Das angemeldete Konto gehört nicht zu denen, die Ihre Organisation hier zulässt.", "Melden Sie sich mit Ihrem Arbeitskonto an."],
  "client-not-allowed": ["Programm nicht zugelassen", "Dieses Programm darf Lanyard auf diesem Computer nicht benutzen.", "Nehmen Sie ein zugelassenes Programm, oder richten Sie dieses unter Programme ein."],
  "server-refused": ["Server lehnt ab", "Die Seite des Servers nimmt Ihr Konto nicht an.", "Melden Sie sich einmal mit Ihrem Arbeitskonto auf der Webseite des Servers an und wählen Sie dann „Noch einmal versuchen“."],
  "server-unknown": ["Unbekannter Server", "In der Richtlinie Ihrer Organisation steht kein Server dieses Namens.", "Unter Server stehen die Namen, die es gibt."],
  "server-misconfigured": ["Server falsch eingerichtet", "Der Server, sein Autorisierungsserver oder der Identitätsanbieter sind so eingerichtet, dass die Anmeldung nicht gelingen kann.", "Prüfen Sie den Server Schritt für Schritt und schicken Sie der IT, was dabei herauskommt."],
  "server-not-supported": ["Keine Anmeldung über die Organisation", "Der Autorisierungsserver dieses Servers bietet keine Anmeldung über die Organisation an.", "Prüfen Sie den Server Schritt für Schritt und schicken Sie der IT, was dabei herauskommt."],
  "scope-not-allowed": ["Recht nicht erlaubt", "Für diesen Server wurden mehr Rechte verlangt, als Richtlinie oder Identitätsanbieter gewähren.", "Verlangen Sie weniger Rechte, oder bitten Sie die IT, diese zu erlauben."],
  "door-closed": ["Zugang geschlossen", "Lanyard ist angehalten, oder die Richtlinie hat diesen Zugang geschlossen.", "Wählen Sie Fortsetzen, wenn Sie es angehalten haben; sonst nehmen Sie den Zugang, den die Richtlinie offen lässt."],
  "bad-request": ["Falsche Anfrage", "Die Anfrage ist keine, die Lanyard versteht oder erfüllen kann.", "Berichtigen Sie die Anfrage; die Beschreibung der lokalen Schnittstelle sagt, wie sie aussieht."],
  "version-unsupported": ["Unbekannte Version", "Die Anfrage benutzt eine Version der lokalen Schnittstelle, die dieses Lanyard nicht spricht.", "Erneuern Sie Lanyard oder das Programm, das gefragt hat."],
  internal: ["Etwas ist schiefgegangen", "Lanyard ist auf einen eigenen Fehler gestoßen.", "Versuchen Sie es noch einmal; bleibt es so, prüfen Sie Schritt für Schritt und melden Sie, was dabei herauskommt."],
};
