//! The identity that VS Code's policy has (`BorrowVsCodeIdentity`). Stricter than VS Code itself: the file is believed only
//! when it is as well protected as Lanyard's own policy.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Roots;
use super::json::{self, Json};
use super::memory::{Held, Pass};
use super::platform;
use crate::fault::{self, sentence};
use crate::kinds::url::host_of;
use crate::layer::{Layer, Rank, Values};

const NAMES: [&str; 2] = ["McpEnterpriseManagedAuthIdp", "mcp.enterpriseManagedAuth.idp"];

/// The lowest layer: issuer, client and token endpoint of VS Code's policy.
pub(crate) fn borrow(roots: &Roots, pass: &mut Pass<'_>) -> Option<Layer> {
    let (place, held) = platform::vscode(roots, pass);
    let origin = place.display().to_string();
    let report = |pass: &mut Pass<'_>, message: String| {
        pass.fault(fault::of("BorrowVsCodeIdentity", &origin, message));
    };
    let file = match held {
        Held::Values(values) => values,
        Held::Bad => return None,
        Held::Absent | Held::Masked => {
            report(pass, "there is no policy of VS Code to borrow from".into());
            return None;
        }
    };
    let Some(Ok(json)) = NAMES.iter().find_map(|name| file.get(*name)) else {
        report(pass, format!("VS Code's policy does not set {}", NAMES[0]));
        return None;
    };
    let table = match object(json) {
        Ok(table) => table,
        Err(message) => {
            // What it would have said is not known: the identity is in doubt, not absent.
            let values = Values::from([("Issuer".to_owned(), Err(message))]);
            return Some(Layer::machine(origin, Rank::Borrowed, Arc::new(values)));
        }
    };
    if table.contains_key("clientSecret") {
        report(pass, "the clientSecret in VS Code's policy is not used".into());
    }
    Some(Layer::machine(origin, Rank::Borrowed, Arc::new(values(table))))
}

fn object(json: &Json) -> Result<BTreeMap<String, Json>, String> {
    match json {
        Json::Table(table) => Ok(table.clone()),
        Json::Text(text) => json::object(text.expose().as_bytes()).map_err(|error| sentence(&error)),
        other => Err(format!("must be an object or its JSON text, not {}", other.noun())),
    }
}

fn values(mut table: BTreeMap<String, Json>) -> Values {
    let mut values = Values::new();
    let issuer = match table.get("issuer") {
        Some(Json::Text(issuer)) => Some(Arc::clone(issuer)),
        _ => None,
    };
    if let Some(endpoint) = table.remove("tokenEndpoint") {
        let same_host = match (&endpoint, &issuer) {
            (Json::Text(endpoint), Some(issuer)) => host_of(endpoint.expose()).eq_ignore_ascii_case(host_of(issuer.expose())),
            _ => false,
        };
        // LI-56: a borrowed policy does not send codes to some other host.
        let given = match same_host {
            true => Ok(endpoint),
            false => Err("must be on the issuer's host when it is borrowed from VS Code".to_owned()),
        };
        values.insert("TokenEndpoint".to_owned(), given);
    }
    for (key, name) in [("issuer", "Issuer"), ("clientId", "ClientId")] {
        if let Some(json) = table.remove(key) {
            values.insert(name.to_owned(), Ok(json));
        }
    }
    values
}
