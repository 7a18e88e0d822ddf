mod alone;

use proptest::prelude::*;

use super::*;
use crate::check;

fn with(settings: &str) -> Policy {
    let comma = if settings.is_empty() { "" } else { "," };
    let text = format!(r#"{{"Issuer":"https://a.example","ClientId":"c"{comma}{settings}}}"#);
    check("test", text.as_bytes())
}

fn faulty(policy: &Policy) -> Vec<&str> {
    policy.faults.iter().map(|fault| fault.setting.as_deref().unwrap_or("(file)")).collect()
}

fn value(policy: &Policy, name: &str) -> serde_json::Value {
    let report = policy.report();
    let row = report.settings.into_iter().find(|row| row.name == name);
    row.unwrap().value
}

#[test]
fn defaults_are_those_of_the_contract() {
    let policy = with("");
    assert_eq!(policy.problems(), []);
    let identity = policy.identity.unwrap();
    assert_eq!(identity.scopes, ["openid", "profile", "email", "offline_access"]);
    assert_eq!(identity.client_authentication, ClientAuthentication::None);
    assert_eq!(identity.assertion_audience, AssertionAudience::Auto);
    assert_eq!(identity.subject_token, SubjectTokenKind::Auto);
    assert_eq!(identity.redirect_host, RedirectHost::Ipv4);
    assert_eq!(identity.redirect_ports, [0u16; 0]);
    assert_eq!(policy.session.auto_sign_in, AutoSignIn::Off);
    assert_eq!(policy.session.check_seconds, 900);
    assert_eq!(policy.session.on_screen_lock, OnScreenLock::Keep);
    assert_eq!(policy.session.vault_fallback, VaultFallback::MemoryOnly);
    assert!(policy.session.sign_out_revokes);
    assert_eq!(policy.exchange.max_token_life_seconds, 3600);
    assert_eq!(policy.exchange.renewal_margin_seconds, 60);
    assert_eq!(policy.exchange.monthly_mint_budget, 250);
    assert_eq!(policy.doors.allowed_programs, None);
    assert!(policy.doors.loopback_door && policy.doors.token_door);
    assert_eq!(policy.doors.loopback_port, 0);
    assert_eq!(policy.network.proxy, Proxy::System);
    assert!(!policy.network.allow_insecure_loopback);
    assert_eq!(policy.audit.sinks, [Sink::File]);
    assert_eq!(policy.audit.identity, AuditIdentity::Name);
    assert_eq!(policy.appearance.log_level, LogLevel::Info);
    assert!(policy.appearance.allow_quit && policy.appearance.allow_sign_out);
    assert!(policy.appearance.show_notifications);
}

#[test]
fn a_bad_value_falls_to_the_side_that_stays_shut() {
    let policy = with(r#""TokenDoor":"off","LoopbackDoor":0,"BlockedPrograms":"x","OnScreenLock":1,"AuditIdentity":1"#);
    assert!(!policy.doors.token_door);
    assert!(!policy.doors.loopback_door);
    assert_eq!(policy.doors.allowed_programs, Some(vec![]));
    assert_eq!(policy.session.on_screen_lock, OnScreenLock::WipeCache);
    assert_eq!(policy.audit.identity, AuditIdentity::SubjectHash);
    assert_eq!(with(r#""AllowedPrograms":"x""#).doors.allowed_programs, Some(vec![]));
}

#[test]
fn an_identity_in_doubt_is_closed() {
    let closed = |text: &str| check("test", text.as_bytes()).identity.unwrap_err();
    let faulty = |settings: &[&str]| Closed::Faulty { settings: settings.iter().map(|name| (*name).to_owned()).collect() };
    let table: &[(&str, Closed)] = &[
        ("{}", Closed::NotConfigured),
        (r#"{"Issuer":"https://a.example"}"#, Closed::NotConfigured),
        (r#"{"ClientId":"c"}"#, Closed::NotConfigured),
        (r#"{"Issuer":"http://a.example","ClientId":"c"}"#, faulty(&["Issuer"])),
        (r#"{"Issuer":"https://a.example","ClientId":""}"#, faulty(&["ClientId"])),
        (r#"{"BorrowVsCodeIdentity":"yes"}"#, faulty(&["BorrowVsCodeIdentity"])),
        ("{", faulty(&["test"])),
        (r#"{"Issuer":"https://a.example","Issuer":"https://b.example","ClientId":"c"}"#, faulty(&["test"])),
    ];
    for (text, expected) in table {
        assert_eq!(&closed(text), expected, "{text}");
    }
}

#[test]
fn an_issuer_that_serves_everyone_needs_allowed_accounts() {
    let issuer = |issuer: &str, more: &str| check("t", format!(r#"{{"Issuer":"{issuer}","ClientId":"c"{more}}}"#).as_bytes());
    for shared in ["common", "organizations", "consumers", "Common"] {
        for tail in ["", "/", "/v2.0", "/v2.0/"] {
            let address = format!("https://login.microsoftonline.com/{shared}{tail}");
            let policy = issuer(&address, "");
            assert_eq!(faulty(&policy), ["AllowedAccounts"], "{address}");
            assert!(policy.identity.is_err());
            assert!(issuer(&address, r#","AllowedAccounts":["tenant:1"]"#).identity.is_ok());
        }
    }
    for own in ["https://login.microsoftonline.com/0a1b/v2.0", "https://common", "https://a.example/commonplace"] {
        assert!(issuer(own, "").identity.is_ok(), "{own}");
    }
}

#[test]
fn a_client_proof_needs_what_it_is_made_of() {
    for (settings, expected) in [
        (r#""ClientAuthentication":"client_secret_basic""#, vec!["ClientSecret"]),
        (r#""ClientAuthentication":"client_secret_post""#, vec!["ClientSecret"]),
        (r#""ClientAuthentication":"private_key_jwt""#, vec!["ClientKeyFile"]),
        (r#""ClientSecret":"s""#, vec!["ClientAuthentication"]),
        (r#""ClientKeyFile":"/k""#, vec!["ClientAuthentication"]),
        (r#""ClientSecret":"s","ClientAuthentication":"client_secret_post""#, vec![]),
        (r#""ClientKeyFile":"/k","ClientAuthentication":"private_key_jwt""#, vec![]),
        (r#""ProxyMode":"fixed""#, vec!["ProxyUrl"]),
        (r#""AuditSinks":["otlp"]"#, vec!["AuditOtlpEndpoint"]),
    ] {
        let policy = with(settings);
        assert_eq!(faulty(&policy), expected, "{settings}");
    }
}

#[test]
fn plain_http_for_this_machine_is_judged_after_the_merge() {
    let text = r#"{"Issuer":"http://127.0.0.1:9000","ClientId":"c","Servers":{"x":{"url":"http://localhost:1/mcp"}}INSECURE}"#;
    let refused = check("t", text.replace("INSECURE", "").as_bytes());
    assert_eq!(faulty(&refused), ["Servers.x.url", "Issuer"]);
    let allowed = check("t", text.replace("INSECURE", r#","AllowInsecureLoopback":true"#).as_bytes());
    assert_eq!(allowed.problems(), []);
    assert_eq!(allowed.identity.unwrap().issuer, "http://127.0.0.1:9000");
}

#[test]
fn a_faulty_server_is_left_out_and_the_others_apply() {
    for (server, key) in [
        ("{}", ".url"),
        ("1", ""),
        (r#"{"url":"https://u:p@x.example"}"#, ".url"),
        (r#"{"url":"https://x.example","title":1}"#, ".title"),
        (r#"{"url":"https://x.example","route":"oauth"}"#, ".route"),
        (r#"{"url":"https://x.example","scopes":"a b"}"#, ".scopes"),
        (r#"{"url":"https://x.example","scopes":["a","b"],"maxScopes":["a"]}"#, ".maxScopes"),
        (r#"{"url":"https://x.example","clientAuthentication":"client_secret_post"}"#, ".clientSecret"),
        (r#"{"url":"https://x.example","clientAuthentication":"private_key_jwt"}"#, ".clientKeyFile"),
        (r#"{"url":"https://x.example","clientSecret":"s","clientKeyFile":"/k"}"#, ".clientAuthentication"),
        (r#"{"url":"https://x.example","clientSecret":"s","clientAuthentication":"none"}"#, ".clientAuthentication"),
        (r#"{"url":"https://x.example","authorizationServer":"https://as.example/?q"}"#, ".authorizationServer"),
        (r#"{"url":"https://x.example","tools":{"denny":["x"]}}"#, ".tools"),
        (r#"{"url":"https://x.example","tools":{"allow":"x"}}"#, ".tools"),
        (r#"{"url":"https://x.example","tools":{"deny":["[x"]}}"#, ".tools"),
        (r#"{"url":"https://x.example","readOnly":"yes"}"#, ".readOnly"),
        (r#"{"url":"https://x.example","programs":{"code":{}}}"#, ".programs"),
        (r#"{"url":"https://x.example","programs":{"/x":{"read_only":true}}}"#, ".programs"),
        (r#"{"url":"https://x.example","allowedPrograms":["code"]}"#, ".allowedPrograms"),
        (r#"{"url":"https://x.example","clientSecret":1,"clientAuthentication":"none"}"#, ".clientSecret"),
        (r#"{"url":"https://x.example","sendScope":true}"#, ".sendScope"),
        (r#"{"url":"https://x.example","assertionReuse":"always"}"#, ".assertionReuse"),
    ] {
        let policy = with(&format!(r#""Servers":{{"bad":{server},"good":{{"url":"https://g.example"}}}}"#));
        assert_eq!(faulty(&policy), [format!("Servers.bad{key}")], "{server}");
        assert_eq!(policy.servers.keys().collect::<Vec<_>>(), ["good"], "{server}");
        assert!(policy.identity.is_ok());
        assert_eq!(value(&policy, "Servers").as_object().unwrap().len(), 1);
    }
    let long = "x".repeat(65);
    for id in ["", "-a", ".a", "a/b", "a b", "ä", long.as_str(), "a\\u0000"] {
        let policy = with(&format!(r#""Servers":{{"{id}":{{"url":"https://g.example"}}}}"#));
        assert_eq!(policy.faults.len(), 1, "{id}");
        assert!(policy.servers.is_empty(), "{id}");
    }
    let many: Vec<_> = (0..1001).map(|n| format!(r#""s{n}":{{"url":"https://g.example"}}"#)).collect();
    let policy = with(&format!(r#""Servers":{{{}}}"#, many.join(",")));
    assert_eq!(faulty(&policy), ["Servers"]);
    let policy = with(&format!(r#""Servers":{{{}}}"#, many[..1000].join(",")));
    assert_eq!(policy.servers.len(), 1000);
}

#[test]
fn containment_is_any_of_its_three_keys() {
    for (keys, contained) in [
        ("", false),
        (r#","readOnly":false"#, false),
        (r#","readOnly":true"#, true),
        (r#","tools":{}"#, true),
        (r#","tools":{"allow":["get_*"]}"#, true),
        (r#","programs":{}"#, true),
        (r#","programs":{"/usr/bin/x":{"readOnly":true,"tools":{"deny":["d"]}}}"#, true),
    ] {
        let policy = with(&format!(r#""Servers":{{"x":{{"url":"https://x.example"{keys}}}}}"#));
        assert_eq!(policy.servers["x"].contained(), contained, "{keys}");
    }
}

#[test]
fn servers_as_one_text_is_the_same_and_gives_way_to_servers() {
    let text = r#""ServersJson":"{\"a\":{\"url\":\"https://a.example/mcp\"}}""#;
    let policy = with(text);
    assert_eq!(policy.problems(), []);
    assert_eq!(policy.servers["a"].url, "https://a.example/mcp");
    assert_eq!(value(&policy, "ServersJson"), "set");
    assert_eq!(value(&policy, "Servers")["a"]["url"], "https://a.example/mcp");

    let both = with(&format!(r#"{text},"Servers":{{"b":{{"url":"https://b.example"}}}}"#));
    assert_eq!(faulty(&both), ["ServersJson"]);
    assert_eq!(both.servers.keys().collect::<Vec<_>>(), ["b"]);
    let bad = with(&format!(r#"{text},"Servers":[]"#));
    assert!(bad.servers.is_empty());
}

#[test]
fn unknown_names_are_listed_with_their_nearest_and_are_problems_of_a_check() {
    let policy = with(r#""issuer":"x","Servers":{"a":{"url":"https://a.example","readonly":true,"zzzz":1}}"#);
    assert_eq!(policy.faults, []);
    let listed: Vec<_> = policy.unknown.iter().map(|u| (u.name.as_str(), u.nearest.as_deref())).collect();
    assert_eq!(listed, [("issuer", Some("Issuer")), ("Servers.a.readonly", Some("readOnly")), ("Servers.a.zzzz", None)]);
    assert_eq!(policy.problems().len(), 3);
}

#[test]
fn placeholders_of_the_account_hint_are_replaced_or_the_hint_is_dropped() {
    let hint = |hint: &str, user: Option<&str>| {
        let values = crate::source::memory::parse(
            format!(r#"{{"Issuer":"https://a.example","ClientId":"c","AccountHint":"{hint}"}}"#).into_bytes(),
        );
        let layer = crate::layer::Layer::machine("t", crate::layer::Rank::Base, Arc::new(values.unwrap()));
        let reading = Reading { merged: crate::merge::merge(&[layer]), user: user.map(str::to_owned), ..Reading::default() };
        build(reading).identity.unwrap().account_hint
    };
    assert_eq!(hint("%username%@a.example", Some("ann")).as_deref(), Some("ann@a.example"));
    assert_eq!(hint("%upn%", Some("ann@a.example")).as_deref(), Some("ann@a.example"));
    assert_eq!(hint("%upn%", Some("ann")), None);
    assert_eq!(hint("%username%", None), None);
    assert_eq!(hint("fixed", None).as_deref(), Some("fixed"));
}

#[test]
fn secrets_stand_in_no_report_no_fault_and_no_debug_text() {
    let marked = r#"{"Issuer":"https://a.example","ClientId":"c","ClientAuthentication":"client_secret_post",
        "ClientSecret":"MARK-1","clientsecret":"MARK-2","AllowedAccounts":["MARK-3"],"LogLevel":"MARK-4",
        "SupportUrl":"https://u:MARK-5@a.example","ProxyUrl":"http://u:MARK-12@proxy:3128","ServersJson":"{\"x\":\"MARK-6\"}",
        "Servers":{"a":{"url":"https://a.example","clientSecret":"MARK-7","clientsecret":"MARK-8"},
                   "b":{"url":"https://b:MARK-9@a.example","clientSecret":{"MARK-10":1}},
                   "c":"MARK-11"}}"#;
    let policy = check("test", marked.as_bytes());
    let report = serde_json::to_string(&policy.report()).unwrap();
    assert!(!report.contains("MARK"), "{report}");
    let debug = format!("{policy:?}");
    assert!(!debug.contains("MARK"), "{debug}");
    assert_eq!(value(&policy, "ClientSecret"), "set");
    assert_eq!(value(&with(""), "ClientSecret"), "not set");
    assert_eq!(value(&policy, "Servers")["a"]["clientSecret"], "set");
    assert_eq!(policy.servers["a"].client_secret.as_ref().unwrap().expose(), "MARK-7");
}

#[test]
fn the_hash_is_equal_exactly_when_what_applies_is() {
    let secret = |secret: &str| with(&format!(r#""ClientAuthentication":"client_secret_post","ClientSecret":"{secret}""#)).hash;
    assert_eq!(secret("a"), secret("a"));
    assert_ne!(secret("a"), secret("b"));
    assert_eq!(with("").hash, with(r#""//":"a note","MonthlyMintBudget":250"#).hash);
    assert_ne!(with("").hash, with(r#""MonthlyMintBudget":251"#).hash);
    assert_eq!(with("").hash.len(), 16);
}

/// Settings that no other setting's value depends on.
const APART: &[&str] = &[
    "MaxTokenLifeSeconds",
    "RenewalMarginSeconds",
    "MonthlyMintBudget",
    "SessionCheckSeconds",
    "LoopbackPort",
    "AllowQuit",
    "LogLevel",
    "OrganisationName",
    "ProxyBypass",
    "Prompt",
    "RedirectPorts",
    "TokenDoor",
];

fn any_json() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i32>().prop_map(|n| n.to_string()),
        any::<bool>().prop_map(|b| b.to_string()),
        "[a-z]{0,8}".prop_map(|s| format!("\"{s}\"")),
        Just("null".to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        proptest::collection::vec(any::<u16>(), 0..3).prop_map(|list| format!("{list:?}")),
    ]
}

proptest! {
    #[test]
    fn a_value_of_one_setting_never_changes_another(
        settings in proptest::collection::btree_map(proptest::sample::select(APART), any_json(), 0..6),
        name in proptest::sample::select(APART),
        value in any_json(),
    ) {
        let text = |settings: &std::collections::BTreeMap<&str, String>| {
            settings.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect::<Vec<_>>().join(",")
        };
        let mut without = settings.clone();
        without.remove(name);
        let mut with_it = without.clone();
        with_it.insert(name, value);
        let (before, after) = (with(&text(&without)), with(&text(&with_it)));
        for (a, b) in before.rows.iter().zip(&after.rows) {
            prop_assert!(a == b || a.name == name);
        }
        prop_assert!(before.identity.is_ok() && after.identity.is_ok());
    }
}
