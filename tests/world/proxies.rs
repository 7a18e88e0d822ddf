//! A world that only a proxy can reach.

use sandbox::{Desk, HOST, Options, Proxy, World};
use serde_json::{Value, json};

async fn world() -> (World, Proxy, Value) {
    let world = World::start(Options { tls: true, named: true, ..Options::default() }).await;
    let policy = world.policy_json();
    (world, Proxy::start().await.unwrap(), policy)
}

fn authority(address: &str) -> String {
    let url = reqwest::Url::parse(address).unwrap();
    format!("{}:{}", url.host_str().unwrap(), url.port().unwrap())
}

/// That the IdP, a resource AS and a server were all reached through the proxy.
fn carried(world: &World, proxy: &Proxy) {
    let asked = proxy.asked();
    for address in [world.idp.issuer(), world.resource("track").issuer(), world.server("linear").url()] {
        assert!(asked.contains(&authority(&address)), "{address} not among {asked:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fixed_proxy_carries_every_call_that_leaves_the_machine() {
    let (world, proxy, mut policy) = world().await;
    policy["ProxyMode"] = json!("fixed");
    policy["ProxyUrl"] = json!(proxy.url);
    let desk = Desk::signed_in(&world, &policy, "ada").await;
    let said = desk.say(&["token", "linear"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    carried(&world, &proxy);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_systems_proxy_is_used_and_none_means_none() {
    let (world, proxy, mut policy) = world().await;
    let mut desk = Desk::new(&world, &policy);
    desk.set("HTTPS_PROXY", &proxy.url);
    desk.start_agent();
    desk.sign_in("ada").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    carried(&world, &proxy);

    let before = proxy.asked().len();
    policy["ProxyMode"] = json!("none");
    desk.write_policy(&policy);
    assert_eq!(desk.say(&["policy", "reload"]).await.code, 0);
    let said = desk.say(&["token", "figma"]).await;
    assert_eq!((said.code, proxy.asked().len()), (4, before), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hosts_of_the_bypass_are_not_asked_of_the_proxy() {
    let (world, proxy, mut policy) = world().await;
    policy["ProxyMode"] = json!("fixed");
    policy["ProxyUrl"] = json!(proxy.url);
    policy["ProxyBypass"] = json!([HOST]);
    let desk = Desk::start(&world, &policy);
    let said = desk.say(&["login", "--print-url"]).await;
    assert_eq!((said.code, proxy.asked().len()), (4, 0), "{said:?}");
}
