use std::sync::{Arc, Mutex};

use super::*;

#[derive(Default)]
struct Ring {
    key: Option<Vec<u8>>,
    locked: bool,
    absent: bool,
}

#[derive(Clone, Default)]
struct FakeKeychain(Arc<Mutex<Ring>>);

impl Keychain for FakeKeychain {
    fn load(&self, _: bool) -> Result<Option<VaultKey>, KeychainFault> {
        let ring = self.ready()?;
        Ok(ring.key.as_deref().and_then(VaultKey::from_bytes))
    }
    fn store(&self, key: &VaultKey) -> Result<(), KeychainFault> {
        self.ready()?.key = Some(key.expose().to_vec());
        Ok(())
    }
    fn delete(&self) -> Result<(), KeychainFault> {
        self.ready()?.key = None;
        Ok(())
    }
}

impl FakeKeychain {
    fn ready(&self) -> Result<std::sync::MutexGuard<'_, Ring>, KeychainFault> {
        let ring = self.0.lock().unwrap();
        match (ring.absent, ring.locked) {
            (true, _) => Err(KeychainFault::Unavailable("no keychain".into())),
            (_, true) => Err(KeychainFault::Locked),
            _ => Ok(ring),
        }
    }
    fn set(&self, change: impl FnOnce(&mut Ring)) {
        change(&mut self.0.lock().unwrap());
    }
}

fn binding() -> Binding {
    Binding { issuer: "https://idp.example".into(), client_id: "lanyard".into(), user: "1000".into(), machine: "m".into() }
}

fn record(token: &str) -> Record {
    let account = Account { subject: "s1".into(), name: Some("Ada".into()), email: None };
    Record { refresh_token: Secret::from(token), account, since: jiff::Timestamp::UNIX_EPOCH }
}

struct Bench {
    folder: tempfile::TempDir,
    keychain: FakeKeychain,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), keychain: FakeKeychain::default() }
    }
    fn vault(&self, fallback: Fallback) -> Vault {
        self.bound(fallback, binding())
    }
    fn bound(&self, fallback: Fallback, binding: Binding) -> Vault {
        Vault::new(self.folder.path().into(), Box::new(self.keychain.clone()), fallback, binding)
    }
    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn token(opened: Result<Opened, VaultFault>) -> String {
    match opened {
        Ok(Opened::Session(record)) => record.refresh_token.expose().to_owned(),
        other => panic!("no session: {other:?}"),
    }
}

#[test]
fn what_was_sealed_opens_in_the_next_run() {
    let bench = Bench::new();
    assert!(matches!(bench.vault(Fallback::MemoryOnly).open(false), Ok(Opened::Empty)));
    let long = "r".repeat(64 * 1024);
    bench.vault(Fallback::MemoryOnly).seal(record(&long)).unwrap();
    let mut again = bench.vault(Fallback::MemoryOnly);
    assert_eq!(token(again.open(false)), long);
    assert_eq!(again.kind(), Kind::Keychain);
    let file = std::fs::read(bench.folder.path().join("vault")).unwrap();
    assert!(!file.windows(8).any(|bytes| bytes == b"rrrrrrrr"), "sealed");
}

#[cfg(unix)]
#[test]
fn the_file_is_for_the_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    bench.vault(Fallback::MemoryOnly).seal(record("r")).unwrap();
    let mode = std::fs::metadata(bench.folder.path().join("vault")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_flipped_bit_anywhere_is_damage_and_the_file_is_set_aside() {
    let bench = Bench::new();
    bench.vault(Fallback::MemoryOnly).seal(record("r")).unwrap();
    let path = bench.folder.path().join("vault");
    let good = std::fs::read(&path).unwrap();
    for position in 0..good.len() {
        let mut bad = good.clone();
        bad[position] ^= 1;
        secret::private::write(&path, &bad).unwrap();
        match bench.vault(Fallback::MemoryOnly).open(false) {
            Err(VaultFault::Damaged { set_aside }) => {
                assert_eq!(std::fs::read(&set_aside).unwrap(), bad);
                std::fs::remove_file(set_aside).unwrap();
            }
            // A changed issuer or client in the header reads as another identity; nothing is opened either way.
            Ok(Opened::OtherIdentity) => bench.vault(Fallback::MemoryOnly).seal(record("r")).unwrap(),
            other => panic!("byte {position}: {other:?}"),
        }
    }
}

#[test]
fn a_file_of_another_user_or_machine_does_not_open() {
    for (user, machine) in [("1001", "m"), ("1000", "n")] {
        let bench = Bench::new();
        bench.vault(Fallback::MemoryOnly).seal(record("r")).unwrap();
        let elsewhere = Binding { user: user.into(), machine: machine.into(), ..binding() };
        assert!(matches!(bench.bound(Fallback::MemoryOnly, elsewhere).open(false), Err(VaultFault::Damaged { .. })));
    }
}

#[test]
fn a_session_of_another_issuer_is_removed() {
    let bench = Bench::new();
    bench.vault(Fallback::MemoryOnly).seal(record("r")).unwrap();
    let other = Binding { issuer: "https://other.example".into(), ..binding() };
    assert!(matches!(bench.bound(Fallback::MemoryOnly, other).open(false), Ok(Opened::OtherIdentity)));
    assert!(bench.names().is_empty());
}

#[test]
fn a_locked_keychain_loses_nothing() {
    let bench = Bench::new();
    bench.vault(Fallback::MemoryOnly).seal(record("r")).unwrap();
    bench.keychain.set(|ring| ring.locked = true);
    let mut vault = bench.vault(Fallback::MemoryOnly);
    assert!(matches!(vault.open(false), Err(VaultFault::Locked)));
    bench.keychain.set(|ring| ring.locked = false);
    assert_eq!(token(vault.open(false)), "r");
}

#[test]
fn a_keychain_that_is_away_keeps_the_sealed_file_and_says_so() {
    let bench = Bench::new();
    bench.vault(Fallback::MemoryOnly).seal(record("r")).unwrap();
    bench.keychain.set(|ring| ring.absent = true);
    assert!(matches!(bench.vault(Fallback::MemoryOnly).open(false), Err(VaultFault::Unavailable(_))));
    assert_eq!(bench.names(), ["vault"]);
}

#[test]
fn without_a_keychain_the_session_stays_in_memory() {
    let bench = Bench::new();
    bench.keychain.set(|ring| ring.absent = true);
    let mut vault = bench.vault(Fallback::MemoryOnly);
    assert!(matches!(vault.open(false), Ok(Opened::Empty)));
    vault.seal(record("r")).unwrap();
    assert_eq!(vault.kind(), Kind::Memory);
    assert_eq!(token(vault.open(false)), "r");
    assert!(bench.names().is_empty(), "nothing on disk");
}

#[test]
fn the_key_file_is_used_only_where_policy_says_so() {
    let bench = Bench::new();
    bench.keychain.set(|ring| ring.absent = true);
    bench.vault(Fallback::MachineKeyFile).seal(record("r")).unwrap();
    assert_eq!(bench.names(), ["vault", "vault.key"]);
    let mut again = bench.vault(Fallback::MachineKeyFile);
    assert_eq!(token(again.open(false)), "r");
    assert_eq!(again.kind(), Kind::KeyFile);
}

#[test]
fn a_lost_key_sets_the_file_aside() {
    let bench = Bench::new();
    bench.vault(Fallback::MemoryOnly).seal(record("r")).unwrap();
    bench.keychain.set(|ring| ring.key = None);
    assert!(matches!(bench.vault(Fallback::MemoryOnly).open(false), Err(VaultFault::Damaged { .. })));
}

#[test]
fn wiping_removes_file_and_key() {
    let bench = Bench::new();
    let mut vault = bench.vault(Fallback::MemoryOnly);
    vault.seal(record("r")).unwrap();
    vault.wipe().unwrap();
    assert!(bench.names().is_empty());
    assert!(bench.keychain.0.lock().unwrap().key.is_none());
    assert!(matches!(bench.vault(Fallback::MemoryOnly).open(false), Ok(Opened::Empty)));
}

#[test]
fn a_folder_that_cannot_be_written_is_a_fault_and_keeps_what_was_there() {
    let bench = Bench::new();
    let mut vault = bench.vault(Fallback::MemoryOnly);
    vault.seal(record("old")).unwrap();
    std::fs::create_dir(bench.folder.path().join("vault.new")).unwrap();
    assert!(matches!(vault.seal(record("new")), Err(VaultFault::Storage(_))));
    assert_eq!(token(bench.vault(Fallback::MemoryOnly).open(false)), "old");
    assert_eq!(token(vault.open(false)), "new", "the newer one is not lost while the process lives");
    std::fs::remove_dir(bench.folder.path().join("vault.new")).unwrap();
    assert_eq!(token(vault.open(false)), "new");
    assert_eq!(token(bench.vault(Fallback::MemoryOnly).open(false)), "new", "written as soon as there is room");
}
