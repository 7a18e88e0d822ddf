use sandbox::{Desk, Fault, Leg, Options, Said, Times, World};
use serde_json::{Value, json};

/// The steps and the exit code of `lanyard doctor wiki`.
async fn examined(desk: &Desk) -> (Vec<Value>, Said) {
    let said = desk.say(&["doctor", "wiki", "--json"]).await;
    let document: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{said:?}"));
    (document["steps"].as_array().unwrap().clone(), said)
}

fn first_failure(steps: &[Value]) -> Option<&Value> {
    steps.iter().find(|step| step["outcome"] == "failed")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_healthy_walk_reaches_the_tools() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let (steps, said) = examined(&desk).await;
    assert_eq!(said.code, 0, "{said:?}");
    let names: Vec<_> = steps.iter().map(|step| step["step"].as_str().unwrap()).collect();
    let server = ["resource-metadata", "subject", "assertion", "token", "tools"];
    assert_eq!(names, [&["policy", "process", "autostart", "network", "idp", "session"][..], &server].concat());
    assert!(steps[3]["found"].as_str().unwrap().contains("never reached through a proxy"), "{}", steps[3]);
    let tools = steps.last().unwrap();
    assert!(tools["found"].as_str().unwrap().contains("5 tools"), "{tools}");
    let plain = desk.say(&["doctor", "wiki"]).await;
    assert!(!plain.stdout.contains('\u{1b}'), "plain in a pipe: {}", plain.stdout);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_step_that_fails_is_named_with_what_was_sent_and_who_can_mend_it() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let error = |status: u16, code: &str, text: &str| Fault::Error { status, code: code.into(), description: text.into() };
    let table: [(Leg, Fault, &str, i32, &str); 6] = [
        (Leg::IdpMetadata, Fault::Status(503), "idp", 4, "network"),
        (Leg::Prm("wiki"), Fault::WrongIssuer, "assertion", 7, "identity provider"),
        (Leg::AsMetadata("wiki"), Fault::WrongIssuer, "resource-metadata", 7, "administrators of the server"),
        (
            Leg::IdpExchange,
            error(400, "invalid_target", "The target is not completely configured or user is not assigned"),
            "assertion",
            7,
            "identity provider",
        ),
        (Leg::AsToken("wiki"), error(400, "invalid_grant", "untrusted issuer"), "token", 7, "administrators of the server"),
        (Leg::Mcp("wiki"), Fault::Status(503), "resource-metadata", 4, ""),
    ];
    for (leg, fault, step, code, who) in table {
        world.faults().clear();
        world.faults().set(leg, fault, Times::Always);
        let (steps, said) = examined(&desk).await;
        let failure = first_failure(&steps).unwrap_or_else(|| panic!("{leg:?}: {steps:#?}"));
        assert_eq!((failure["step"].as_str(), said.code), (Some(step), code), "{leg:?}: {failure:#}");
        assert!(failure["who"].as_str().unwrap_or_default().contains(who), "{leg:?}: {failure:#}");
        if leg == Leg::IdpExchange {
            let sent = failure["sent"].to_string();
            assert!(sent.contains(&world.resource("wiki").issuer()) && sent.contains(&world.server("wiki").url()), "{sent}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_were_not_tried_are_said() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    for number in 0..12 {
        policy["Servers"][format!("more-{number}")] =
            json!({ "url": format!("https://more-{number}.invalid/mcp"), "authorization": "none" });
    }
    let desk = Desk::start(&world, &policy);
    let said = desk.say(&["doctor", "--json"]).await;
    let document: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{said:?}"));
    let steps = document["steps"].as_array().unwrap();
    let all = policy["Servers"].as_object().unwrap().len();
    let last = steps.last().unwrap();
    assert_eq!((&last["step"], &last["outcome"]), (&json!("others"), &json!("skipped")), "{last}");
    assert!(last["found"].as_str().unwrap().starts_with(&format!("{} servers were not tried", all - 10)), "{last}");
    let (steps, _) = examined(&desk).await;
    assert!(!steps.iter().any(|step| step["step"] == "others"), "who names one asks for no others");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_session_the_walk_stops_there_and_says_what_to_do() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    policy["Isuer"] = json!("x");
    let desk = Desk::start(&world, &policy);
    let (steps, said) = examined(&desk).await;
    assert_eq!((first_failure(&steps).unwrap()["step"].as_str(), said.code), (Some("session"), 5));
    assert_eq!(steps[0]["outcome"], "warning");
    assert!(steps[0]["found"].as_str().unwrap().contains("is Issuer meant?"), "{}", steps[0]);
    let said = desk.say(&["doctor", "nothing"]).await;
    assert!(said.code == 7 && said.stderr.contains("Unknown server"), "{said:?}");
}
