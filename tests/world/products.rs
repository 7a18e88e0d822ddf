use sandbox::{Desk, Options, Profile, World};

/// Every named product behaviour of the sandbox: sign-in, a token for each server, and a token again after its end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_main_job_works_with_every_product_profile() {
    let mut failures = Vec::new();
    for (name, _) in sandbox::PROFILES {
        let profile = Profile::named(name).unwrap();
        let world = World::start(Options { profile, ..Options::default() }).await;
        let desk = Desk::start(&world, &world.policy_json());
        let said = desk.try_sign_in("ada").await;
        if said.code != 0 {
            failures.push(format!("{name}: sign-in: {said:?}"));
            continue;
        }
        // Figma's client is public, and a Keycloak takes confidential ones alone.
        let servers: &[&str] = if name == "keycloak" { &["linear", "wiki"] } else { &["linear", "figma", "wiki"] };
        for server in servers {
            let said = desk.say(&["token", server, "--json"]).await;
            if said.code != 0 {
                let doctor = desk.say(&["doctor", server]).await;
                failures.push(format!("{name}: {server}: {} {}\n{}", said.code, said.stdout, doctor.stdout));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
