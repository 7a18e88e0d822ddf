//! The administrator's page and API: one set of commands, sent as a form or as JSON.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{COOKIE, HOST, ORIGIN, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::Idp;
use crate::faults::spell;
use crate::form::{Form, words};
use crate::page::{escape, page as render, trouble};

const COOKIE_NAME: &str = "sandbox_admin";

/// What an administrator can do; lists are separated by spaces.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
enum Command {
    Disable {
        user: String,
    },
    Enable {
        user: String,
    },
    EndSessions {
        user: String,
    },
    SetGroups {
        user: String,
        groups: String,
    },
    SetAccess {
        group: String,
        server: String,
        #[serde(default)]
        scopes: String,
    },
    Refuse {
        server: String,
    },
    RequireAcr {
        server: String,
        #[serde(default)]
        acr: String,
    },
    RotateKeys {},
    ForgetOldKeys {},
    SetFault {
        leg: String,
        fault: String,
        #[serde(default)]
        times: String,
    },
    ClearFaults {},
}

fn apply(idp: &Idp, command: Command) -> Result<(), String> {
    match command {
        Command::Disable { user } => known(idp, &user, Idp::disable)?,
        Command::Enable { user } => known(idp, &user, Idp::enable)?,
        Command::EndSessions { user } => known(idp, &user, Idp::end_sessions)?,
        Command::SetGroups { user, groups } => known(idp, &user, |idp, user| idp.set_groups(user, words(&groups)))?,
        Command::SetAccess { group, server, scopes } => idp.set_access(&group, &server, words(&scopes)),
        Command::Refuse { server } => idp.refuse(&server),
        Command::RequireAcr { server, acr } => {
            idp.require_acr(&server, Some(acr.as_str()).filter(|acr| !acr.is_empty()), None);
        }
        Command::RotateKeys {} => idp.rotate_keys(),
        Command::ForgetOldKeys {} => idp.forget_old_keys(),
        Command::SetFault { leg, fault, times } => {
            idp.inner().faults.set(leg.parse()?, fault.parse()?, times.parse()?);
        }
        Command::ClearFaults {} => idp.inner().faults.clear(),
    }
    Ok(())
}

fn known(idp: &Idp, user: &str, act: impl FnOnce(&Idp, &str)) -> Result<(), String> {
    idp.account(user).ok_or_else(|| format!("there is no user '{user}'"))?;
    act(idp, user);
    Ok(())
}

/// Whether the request comes from the administrator: the exact `Host`, no foreign `Origin`, and the key.
fn admitted(idp: &Idp, headers: &HeaderMap, query: &str) -> bool {
    let inner = idp.inner();
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = inner.base.split_once("://").map(|(_, host)| host);
    let same_host = text(HOST) == host;
    let same_origin = text(ORIGIN).is_none_or(|origin| origin == inner.base);
    let cookies = text(COOKIE).unwrap_or_default();
    let in_cookie = cookies.split(';').any(|pair| pair.trim() == format!("{COOKIE_NAME}={}", inner.admin_key));
    let in_header = headers.get("x-sandbox-key").and_then(|value| value.to_str().ok()) == Some(&inner.admin_key);
    same_host && same_origin && (in_cookie || in_header || query_key(query).as_deref() == Some(&inner.admin_key))
}

fn query_key(query: &str) -> Option<String> {
    Form::parse(query).ok()?.value("key").map(str::to_owned)
}

fn closed() -> Response {
    trouble(StatusCode::FORBIDDEN, "Not allowed", "Open the address that the sandbox printed at start: it carries the key.")
}

/// `GET /admin`: with `?key=` the key moves into a cookie.
pub(super) async fn page(State(idp): State<Idp>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let query = query.unwrap_or_default();
    if !admitted(&idp, &headers, &query) {
        return closed();
    }
    if let Some(key) = query_key(&query) {
        let cookie = format!("{COOKIE_NAME}={key}; HttpOnly; SameSite=Strict; Path=/admin");
        return ([(SET_COOKIE, cookie)], Redirect::to("/admin")).into_response();
    }
    render("Acme identity provider", &body(&idp))
}

/// `POST /admin`: a form of the page.
pub(super) async fn act(State(idp): State<Idp>, headers: HeaderMap, form: String) -> Response {
    if !admitted(&idp, &headers, "") {
        return closed();
    }
    let fields: serde_json::Map<_, _> =
        url::form_urlencoded::parse(form.as_bytes()).map(|(name, value)| (name.into(), json!(value))).collect();
    let command = serde_json::from_value(fields.into()).map_err(|error: serde_json::Error| error.to_string());
    match command.and_then(|command| apply(&idp, command)) {
        Ok(()) => Redirect::to("/admin").into_response(),
        Err(problem) => trouble(StatusCode::BAD_REQUEST, "That did not work", &problem),
    }
}

/// `GET /admin/api`: everything the page shows.
pub(super) async fn state(State(idp): State<Idp>, headers: HeaderMap) -> Response {
    if !admitted(&idp, &headers, "") {
        return StatusCode::FORBIDDEN.into_response();
    }
    let inner = idp.inner();
    let memory = inner.memory.lock();
    let access: Vec<_> = memory
        .access
        .iter()
        .map(|((group, server), scopes)| json!({"group": group, "server": server, "scopes": scopes}))
        .collect();
    Json(json!({
        "issuer": inner.issuer,
        "users": memory.accounts.values().collect::<Vec<_>>(),
        "access": access,
        "servers": memory.targets,
        "sessions": memory.sessions.values().collect::<Vec<_>>(),
        "keys": inner.keys.lock().published(),
        "faults": inner.faults.waiting(),
        "counts": inner.log.counts(),
        "audit": inner.log.events(),
    }))
    .into_response()
}

/// `POST /admin/api` with `{"do":"disable","user":"ada"}`.
pub(super) async fn command(State(idp): State<Idp>, headers: HeaderMap, body: String) -> Response {
    if !admitted(&idp, &headers, "") {
        return StatusCode::FORBIDDEN.into_response();
    }
    let command = serde_json::from_str(&body).map_err(|error| error.to_string());
    match command.and_then(|command| apply(&idp, command)) {
        Ok(()) => Json(json!({"done": true})).into_response(),
        Err(problem) => (StatusCode::BAD_REQUEST, Json(json!({"error": problem}))).into_response(),
    }
}

fn body(idp: &Idp) -> String {
    let inner = idp.inner();
    let memory = inner.memory.lock();
    let users = memory.accounts.values().map(|one| {
        let (verb, label) = if one.active { ("disable", "Disable") } else { ("enable", "Enable") };
        let user = &[("user", one.name.as_str())];
        vec![
            escape(&format!("{} ({})", one.display, one.name)),
            form("set-groups", user, &[("groups", &one.groups.join(" "))], "Set groups"),
            form(verb, user, &[], label) + &form("end-sessions", user, &[], "End sessions"),
        ]
    });
    let users = table("Users", &["Name", "Groups", ""], users);
    let access = memory.access.iter().map(|((group, server), scopes)| {
        let hidden = [("group", group.as_str()), ("server", server.as_str())];
        vec![escape(group), escape(server), form("set-access", &hidden, &[("scopes", &scopes.join(" "))], "Set scopes")]
    });
    let access = table("Access", &["Group", "Server", "Scopes"], access);
    let more = form("set-access", &[], &[("group", ""), ("server", ""), ("scopes", "")], "Add access");
    let servers = memory.targets.iter().map(|one| {
        let server = &[("server", one.server.as_str())];
        vec![
            escape(&one.server),
            format!("<code>{}</code>", escape(&one.audiences.join(" "))),
            format!("<code>{}</code>", escape(&one.resource)),
            escape(&one.client),
            form("require-acr", server, &[("acr", one.acr.as_deref().unwrap_or_default())], "Require")
                + &form("refuse", server, &[], "Refuse everybody"),
        ]
    });
    let servers = table("Servers", &["Server", "Issuer of its AS", "Resource", "Client there", "Sign-in strength"], servers);
    let sessions = memory.sessions.values().map(|one| {
        let state = if one.alive { "alive" } else { "ended" };
        [&one.user, &one.sid, &one.acr, &crate::clock::stamp(one.auth_time), state].map(escape).to_vec()
    });
    let sessions = table("Sessions", &["User", "Session", "acr", "Signed in", "State"], sessions);
    drop(memory);
    let faults = inner.faults.waiting().into_iter().map(|one| {
        let left = one.left.map_or_else(|| "always".into(), |left| left.to_string());
        [one.leg, one.fault, left].map(|text| escape(&text)).to_vec()
    });
    let faults = table("Faults", &["Leg", "Fault", "Left"], faults);
    let events = inner.log.events();
    let audit = events.iter().rev().take(200).map(|one| {
        [&one.time, &one.kind, &one.user, &one.client, &one.server, &one.scopes, &one.outcome, &one.detail]
            .map(|text| escape(text))
            .to_vec()
    });
    let heads = ["Time", "Event", "User", "Client", "Server", "Scopes", "Outcome", "Detail"];
    let audit = table("Audit, newest first", &heads, audit);
    format!(
        "<p>Issuer <code>{}</code></p>{users}{access}{more}{servers}{sessions}<h2>Keys</h2>{}{}{faults}{}{}{audit}",
        escape(&inner.issuer),
        form("rotate-keys", &[], &[], "Rotate keys"),
        form("forget-old-keys", &[], &[], "Forget old keys"),
        fault_form(),
        form("clear-faults", &[], &[], "Clear faults"),
    )
}

fn fault_form() -> String {
    let list = |id: &str, words: Vec<String>| {
        let options: String = words.iter().map(|word| format!("<option>{}</option>", escape(word))).collect();
        format!("<datalist id=\"{id}\">{options}</datalist>")
    };
    let lists = list("legs", spell::legs()) + &list("faults", spell::examples());
    format!(
        "{lists}<form method=\"post\" action=\"/admin\"><input type=\"hidden\" name=\"do\" value=\"set-fault\">\
         <label>Leg <input name=\"leg\" list=\"legs\" required></label>\
         <label>Fault <input name=\"fault\" list=\"faults\" required></label>\
         <label>Times (once, always or a number) <input name=\"times\" value=\"once\"></label><button>Set fault</button></form>"
    )
}

fn form(verb: &str, hidden: &[(&str, &str)], shown: &[(&str, &str)], label: &str) -> String {
    let mut fields = format!("<input type=\"hidden\" name=\"do\" value=\"{verb}\">");
    for (name, value) in hidden {
        fields += &format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escape(value));
    }
    for (name, value) in shown {
        fields += &format!("<input name=\"{name}\" aria-label=\"{name}\" placeholder=\"{name}\" value=\"{}\">", escape(value));
    }
    format!("<form method=\"post\" action=\"/admin\">{fields}<button>{label}</button></form>")
}

fn table(title: &str, heads: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let heads: String = heads.iter().map(|head| format!("<th scope=\"col\">{head}</th>")).collect();
    let cells = |row: Vec<String>| row.iter().map(|cell| format!("<td>{cell}</td>")).collect::<String>();
    let rows: String = rows.map(|row| format!("<tr>{}</tr>", cells(row))).collect();
    format!("<h2>{title}</h2><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>")
}
