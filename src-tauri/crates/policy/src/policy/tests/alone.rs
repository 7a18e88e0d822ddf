use super::{faulty, with};

/// Setting, good values, bad values.
const ALONE: &[(&str, &[&str], &[&str])] = &[
    ("ClientAuthentication", &["\"none\""], &["\"None\"", "\"\"", "1", "null", "\"client_secret_jwt\""]),
    ("ClientSecret", &[], &["1", "\"\"", "\"a\\u0000b\""]),
    ("ClientKeyFile", &[], &["\"client.pem\"", "\"/etc/../x\"", "1", "\"~/x\""]),
    ("ClientAssertionAudience", &["\"auto\"", "\"issuer\"", "\"token-endpoint\""], &["\"token_endpoint\""]),
    ("AuthorizationEndpoint", &["\"https://a.example/a?x=1\""], &["\"http://a.example/a\"", "\"https://u@a.example\"", "[]"]),
    ("TokenEndpoint", &["\"https://a.example/t\""], &["\"https://a.example/t#f\"", "\"\"", "\"a.example\""]),
    (
        "Scopes",
        &["[\"openid\"]"],
        &["\"openid email\"", "[]", "[\"email\"]", "[\"openid\",\"a b\"]", "[\"openid\",1]", "[\"openid\",\"a\\\"b\"]"],
    ),
    ("SubjectToken", &["\"auto\"", "\"id_token\"", "\"refresh_token\""], &["\"saml2\"", "true"]),
    ("AcrValues", &["\"phr mfa\""], &["\"\"", "[\"phr\"]", "\"a\\nb\""]),
    ("MaxAgeSeconds", &["0", "31536000"], &["31536001", "-1", "\"60\"", "1.0", "1e2", "true", "null"]),
    ("Prompt", &["\"login\"", "\"consent\"", "\"select_account\""], &["\"none\"", "\"login consent\""]),
    ("AccountHint", &["\"%username%@a.example\"", "\"%upn%\"", "\"100% me\""], &["\"%mail%\"", "\"\"", "1"]),
    (
        "AllowedAccounts",
        &["[\"domain:a.example\",\"tenant:1\",\"group:x y\"]"],
        &[
            "[]",
            "\"domain:a.example\"",
            "[\"a.example\"]",
            "[\"domain:@a.example\"]",
            "[\"domain:\"]",
            "[\"domain:a\"]",
            "[\"user:x\"]",
            "[\"group: x\"]",
        ],
    ),
    ("RedirectHost", &["\"127.0.0.1\"", "\"localhost\""], &["\"::1\"", "\"0.0.0.0\""]),
    (
        "RedirectPorts",
        &["[]", "[1024,65535]"],
        &[
            "[80]",
            "[65536]",
            "[\"8080\"]",
            "8080",
            "[1024,1024,1024,1024,1024,1024,1024,1024,1024,1024,1024,1024,1024,1024,1024,1024,1024]",
        ],
    ),
    ("AutoSignIn", &["\"off\"", "\"at-log-on\""], &["true", "\"on\""]),
    ("MaxTokenLifeSeconds", &["60", "86400"], &["59", "86401", "\"3600\"", "0"]),
    ("RenewalMarginSeconds", &["0", "3600"], &["3601", "-1", "0.5"]),
    ("MonthlyMintBudget", &["0", "100000"], &["100001", "18446744073709551616", "4294967296"]),
    ("SessionCheckSeconds", &["5", "86400"], &["4", "86401"]),
    ("OnScreenLock", &["\"keep\"", "\"pause-serving\"", "\"wipe-cache\""], &["\"pause\"", "false"]),
    ("SignOutRevokes", &["true", "false"], &["1", "0", "\"yes\"", "null"]),
    ("VaultFallback", &["\"memory-only\"", "\"machine-key-file\""], &["\"file\""]),
    (
        "AllowedPrograms",
        &[
            "[]",
            "[\"/usr/bin/*\",\"publisher:Acme\",\"team:ABCDE12345\",\"flatpak:org.example.App\",\"snap:code\",\"C:\\\\Program Files\\\\**\"]",
        ],
        &[
            "\"/usr/bin/*\"",
            "[\"code\"]",
            "[\"/usr/[a\"]",
            "[\"team:\"]",
            "[\"snap:\"]",
            "[\"flatpak:a b\"]",
            "[\"\"]",
            "[\"./x\"]",
        ],
    ),
    ("BlockedPrograms", &["[]", "[\"/tmp/**\"]"], &["[\"tmp\"]", "{}"]),
    ("LoopbackDoor", &["true", "false"], &["\"on\"", "1"]),
    ("LoopbackPort", &["0", "1024", "65535"], &["80", "1023", "65536", "\"0\""]),
    ("TokenDoor", &["true", "false"], &["\"off\"", "0"]),
    ("ProxyMode", &["\"system\"", "\"none\""], &["\"pac\""]),
    (
        "ProxyUrl",
        &["\"http://proxy:8080\"", "\"https://proxy.a.example\""],
        &["\"proxy:8080\"", "\"http://u:p@proxy\"", "\"http://proxy/x\""],
    ),
    (
        "ProxyBypass",
        &["[]", "[\".a.example\",\"*.b.example\",\"10.0.0.0/8\",\"[::1]\"]"],
        &["\"a.example\"", "[\"a,b\"]", "[\"a b\"]", "[\"\"]"],
    ),
    (
        "ExtraCaFile",
        &["\"/etc/lanyard/ca.pem\"", "\"C:\\\\ProgramData\\\\ca.pem\"", "\"\\\\\\\\server\\\\share\\\\ca.pem\""],
        &["\"ca.pem\"", "[\"/x\"]", "\"C:ca.pem\"", "\"C:\\\\x\\\\..\\\\ca.pem\"", "\"\\\\ca.pem\""],
    ),
    ("AllowInsecureLoopback", &["true", "false"], &["\"true\"", "1"]),
    ("AuditSinks", &["[]", "[\"system\",\"file\"]"], &["\"file\"", "[\"syslog\"]", "[\"file\",\"file\",\"file\",\"file\"]"]),
    ("AuditFile", &["\"/var/log/x.jsonl\""], &["\"x.jsonl\""]),
    ("AuditIdentity", &["\"name\"", "\"subject-hash\""], &["\"upn\""]),
    ("AuditOtlpEndpoint", &["\"https://o.example/v1/logs\""], &["\"http://o.example/v1/logs\""]),
    ("LogLevel", &["\"error\"", "\"trace\""], &["\"verbose\"", "\"INFO\""]),
    ("OrganisationName", &["\"Acme GmbH & Söhne\""], &["\"\"", "\"a\\u202eb\"", "\"a\\tb\"", "[\"Acme\"]"]),
    ("SupportContact", &["\"it@a.example\""], &["\"a\\nb\"", "1"]),
    (
        "SupportUrl",
        &["\"https://help.a.example/x?y\""],
        &["\"http://help.a.example\"", "\"javascript:alert(1)\"", "\"mailto:x\""],
    ),
    ("AllowQuit", &["true", "false"], &["\"no\""]),
    ("AllowSignOut", &["true", "false"], &["0"]),
    ("ShowNotifications", &["true", "false"], &["{}"]),
    ("BorrowVsCodeIdentity", &["true", "false"], &["\"yes\""]),
    ("Servers", &["{}"], &["[]", "\"{}\"", "null"]),
    ("ServersJson", &["\"{}\""], &["{}", "\"[]\"", "\"{\"", "\"{\\\"a\\\":1,\\\"a\\\":2}\""]),
];

#[test]
fn every_setting_alone_takes_good_values_and_refuses_bad_ones() {
    let listed: Vec<_> = ALONE.iter().map(|(name, ..)| *name).chain(["Issuer", "ClientId"]).collect();
    for setting in crate::catalogue::settings() {
        assert!(listed.contains(&setting.name), "{} is not tested", setting.name);
    }
    let plain = with("");
    for (name, good, bad) in ALONE {
        for text in *good {
            let policy = with(&format!("\"{name}\":{text}"));
            assert_eq!(faulty(&policy), [""; 0], "{name}: {text}");
        }
        for text in *bad {
            let policy = with(&format!("\"{name}\":{text}"));
            assert_eq!(faulty(&policy), [*name], "{name}: {text}");
            let setting = crate::catalogue::setting(name).unwrap();
            assert_eq!(policy.identity.is_err(), setting.closes, "{name}");
            for row in &policy.rows {
                let before = plain.rows.iter().find(|other| other.name == row.name).unwrap();
                assert!(row == before || row.name == *name, "{name} changed {}", row.name);
            }
        }
    }
}
