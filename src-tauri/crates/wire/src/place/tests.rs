use super::*;

fn environment(runtime: Option<&str>) -> Environment {
    let home = Some("/home/ada".into());
    Environment { runtime: runtime.map(Into::into), home, user: Some(User::Id(1000)), ..Environment::default() }
}

#[test]
fn the_socket_has_three_places_in_order() {
    let long = format!("/{}", "x".repeat(120));
    let table: [(Environment, &[&str], &str); 4] = [
        (environment(Some("/run/user/1000")), &["/run/user/1000"], "/run/user/1000/lanyard/lanyard.sock"),
        (environment(None), &["/run/user/1000"], "/run/user/1000/lanyard/lanyard.sock"),
        (environment(None), &[], "/home/ada/.local/state/lanyard/run/lanyard.sock"),
        (environment(Some(&long)), &[&long], "/home/ada/.local/state/lanyard/run/lanyard.sock"),
    ];
    for (environment, existing, expected) in table {
        let found = environment.socket(|path| existing.iter().any(|one| Path::new(one) == path));
        assert_eq!(found, Some(PathBuf::from(expected)));
    }
}

#[test]
fn no_place_is_better_than_a_bad_one() {
    let nowhere = Environment { home: Some(format!("/{}", "h".repeat(120)).into()), ..environment(None) };
    assert_eq!(nowhere.socket(|_| false), None);
    assert_eq!(Environment { customs: Customs::MacOs, ..nowhere }.socket(|_| false), None);
    assert_eq!(Environment { customs: Customs::Windows, ..Environment::default() }.socket(|_| true), None);
}

#[test]
fn every_system_keeps_its_customs() {
    let mac = Environment { customs: Customs::MacOs, home: Some("/Users/ada".into()), ..Environment::default() };
    let library = Path::new("/Users/ada/Library/Application Support/Lanyard");
    assert_eq!((mac.state_folder(), mac.data_folder()), (Some(library.into()), Some(library.into())));
    assert_eq!(mac.socket(|_| false), Some(library.join("run/lanyard.sock")));

    let sid = Some(User::Sid("S-1-5-21-7-8-9-1001".into()));
    let data = Some(PathBuf::from("C:/Users/Ada/AppData/Local"));
    let windows = Environment { customs: Customs::Windows, data: data.clone(), user: sid, ..Environment::default() };
    assert_eq!(windows.state_folder(), data.map(|data| data.join("Lanyard")));
    assert_eq!(windows.socket(|_| false), Some(r"\\.\pipe\Lanyard.S-1-5-21-7-8-9-1001".into()));
    let home = Environment { data: None, home: Some("C:/Users/Ada".into()), ..windows };
    assert_eq!(home.data_folder(), Some(Path::new("C:/Users/Ada").join("AppData").join("Local").join("Lanyard")));
}
