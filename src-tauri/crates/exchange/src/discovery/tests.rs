use super::*;

#[test]
fn well_known_addresses_come_in_the_fields_order() {
    assert_eq!(
        well_known("https://as.example/t1"),
        [
            "https://as.example/.well-known/oauth-authorization-server/t1",
            "https://as.example/.well-known/openid-configuration/t1",
            "https://as.example/t1/.well-known/openid-configuration",
        ]
    );
    let root =
        ["https://as.example/.well-known/oauth-authorization-server", "https://as.example/.well-known/openid-configuration"];
    assert_eq!(well_known("https://as.example"), root);
    assert_eq!(well_known("https://as.example/"), root);
}

#[test]
fn a_resource_has_two_well_known_addresses_that_vouch_for_different_names() {
    let forms = well_known_resource("https://mcp.example/v1/mcp");
    assert_eq!(forms[0].0, "https://mcp.example/.well-known/oauth-protected-resource/v1/mcp");
    assert_eq!(forms[0].1, ["https://mcp.example/v1/mcp"]);
    assert_eq!(forms[1].0, "https://mcp.example/.well-known/oauth-protected-resource");
    assert!(forms[1].1.contains(&"https://mcp.example".to_owned()));
    assert_eq!(well_known_resource("https://mcp.example").len(), 1);
}

#[test]
fn a_pin_must_be_among_the_servers_that_the_resource_names() {
    let found = |named: &[&str]| resource::Found {
        metadata: ResourceMetadata {
            authorization_servers: named.iter().map(|name| (*name).to_owned()).collect(),
            ..ResourceMetadata::default()
        },
        ..resource::Found::default()
    };
    let pinned = Server { authorization_server: Some("https://a".into()), ..Server::default() };
    assert_eq!(candidates(&pinned, &found(&["https://b", "https://a"])).unwrap(), ["https://a"]);
    assert!(candidates(&pinned, &found(&["https://b"])).is_err());
    assert!(candidates(&pinned, &found(&["https://a/"])).is_err());
    assert!(candidates(&Server::default(), &found(&[])).is_err());
}
