//! The keys of the loopback door: one for each paired client, 256 random bits, kept only as a hash, listed and
//! revocable (LI-34).

mod file;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use http::HeaderMap;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use secret::Secret;
use sha2::{Digest, Sha256};
use subtle::{ConditionallySelectable, ConstantTimeEq};
use wire::Program;

const PREFIX: &str = "lyk_";
const LENGTH: usize = PREFIX.len() + 43;
const KEY_LIMIT: usize = 256;
const NAME_LIMIT: usize = 64;

/// Why a key could not be made, removed or read.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The file cannot be read or written.
    #[error("the keys of the loopback door could not be read or kept in {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not one that Lanyard wrote.
    #[error("the keys of the loopback door in {0} are damaged; no key opens it until the file is removed")]
    Damaged(PathBuf),
    /// The name is not 1 to 64 letters, digits, dots, lines, and single spaces between.
    #[error("a key's name has 1 to 64 letters, digits, dots, hyphens, underscores or spaces")]
    Name,
    /// A key of this name exists.
    #[error("a key of this name exists; remove it first")]
    Exists,
    /// 256 keys exist.
    #[error("there are too many keys; remove one first")]
    TooMany,
    /// The system has no randomness.
    #[error("a key could not be made")]
    Random(#[source] secret::RandomnessUnavailable),
}

/// The keys of one user.
pub struct Keys {
    path: PathBuf,
    kept: RwLock<Vec<Kept>>,
}

struct Kept {
    name: Arc<str>,
    hash: [u8; 32],
    created: Timestamp,
    /// Unix seconds; 0 for never.
    last_used: AtomicI64,
}

impl Keys {
    /// The keys in `path`; none while there is no such file.
    pub fn open(path: &Path) -> Result<Self, KeysError> {
        let read = secret::private::read(path, file::LIMIT).map_err(|source| KeysError::File { path: path.into(), source })?;
        let kept = match read {
            Some(bytes) => file::parse(&bytes).ok_or_else(|| KeysError::Damaged(path.into()))?,
            None => Vec::new(),
        };
        Ok(Self { path: path.into(), kept: RwLock::new(kept) })
    }

    /// No keys, so that nothing opens the door.
    pub fn none(path: &Path) -> Self {
        Self { path: path.into(), kept: RwLock::default() }
    }

    /// Makes a key for `name`. It is on disk, as a hash, before anybody sees it.
    pub fn make(&self, name: &str, now: Timestamp) -> Result<Secret, KeysError> {
        if !is_name(name) {
            return Err(KeysError::Name);
        }
        let random = secret::random_text().map_err(KeysError::Random)?;
        let key = Secret::new(format!("{PREFIX}{}", random.expose()));
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.iter().any(|kept| *kept.name == *name) {
            return Err(KeysError::Exists);
        }
        if kept.len() >= KEY_LIMIT {
            return Err(KeysError::TooMany);
        }
        // Keys that could not be read are not overwritten.
        Self::open(&self.path)?;
        kept.push(Kept { name: name.into(), hash: hash(key.expose()), created: now, last_used: AtomicI64::new(0) });
        self.write(&kept).inspect_err(|_| {
            kept.pop();
        })?;
        Ok(key)
    }

    /// Removes the key of `name`; whether there was one. It opens nothing from here on, even where that could not be
    /// written.
    pub fn remove(&self, name: &str) -> Result<bool, KeysError> {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let before = kept.len();
        kept.retain(|kept| *kept.name != *name);
        if kept.len() == before {
            return Ok(false);
        }
        self.write(&kept).map(|()| true)
    }

    /// The name of the key that was presented, if it is one. Every kept hash is compared, each in constant time.
    pub fn admit(&self, presented: &str, now: Timestamp) -> Option<Arc<str>> {
        let hash = hash(presented);
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let mut found = u32::MAX;
        for (index, one) in (0_u32..).zip(kept.iter()) {
            found.conditional_assign(&index, one.hash.ct_eq(&hash));
        }
        let one = kept.get(usize::try_from(found).ok()?)?;
        one.last_used.store(now.as_second(), Ordering::Relaxed);
        Some(one.name.clone())
    }

    /// Every key, without the key.
    pub fn list(&self) -> Vec<Program> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.iter()
            .map(|one| Program {
                name: one.name.to_string(),
                has_key: true,
                created: Some(one.created),
                last_used: one.last_used(),
                servers_today: Vec::new(),
            })
            .collect()
    }

    /// Writes when each key was last used; worth doing when the agent ends.
    pub fn save(&self) -> Result<(), KeysError> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        if kept.is_empty() { Ok(()) } else { self.write(&kept) }
    }

    fn write(&self, kept: &[Kept]) -> Result<(), KeysError> {
        secret::private::write(&self.path, &file::text(kept))
            .map_err(|source| KeysError::File { path: self.path.clone(), source })
    }
}

impl Kept {
    fn last_used(&self) -> Option<Timestamp> {
        let second = self.last_used.load(Ordering::Relaxed);
        (second != 0).then(|| Timestamp::from_second(second).ok()).flatten()
    }
}

/// The key that a request shows: `Lanyard-Key`, else `Authorization: Bearer`. A header twice shows nothing.
pub fn presented(headers: &HeaderMap) -> Option<&str> {
    let once = |name: &str| {
        let mut all = headers.get_all(name).into_iter();
        let first = all.next();
        if all.next().is_some() { None } else { first }
    };
    let text = match headers.contains_key("lanyard-key") {
        true => once("lanyard-key")?.to_str().ok()?,
        false => {
            let (scheme, key) = once(AUTHORIZATION.as_str())?.to_str().ok()?.split_once(' ')?;
            if scheme.eq_ignore_ascii_case("bearer") { key } else { return None }
        }
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (text.len() == LENGTH && text.starts_with(PREFIX) && text.bytes().all(plain)).then_some(text)
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ');
    !name.is_empty() && name.len() <= NAME_LIMIT && name.chars().all(plain) && name.trim() == name
}

fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_key_opens_until_it_is_removed_and_only_its_hash_is_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let keys = Keys::open(&path).unwrap();
        let (one, two) = (keys.make("claude", at(5)).unwrap(), keys.make("codex", at(6)).unwrap());
        let disk = std::fs::read_to_string(&path).unwrap();
        assert!(!disk.contains(one.expose()) && !disk.contains(&one.expose()[PREFIX.len()..]), "LI-34: a hash alone");
        assert!(disk.contains("claude") && disk.contains("sha256"));

        assert_eq!(keys.admit(one.expose(), at(7)).as_deref(), Some("claude"));
        keys.save().unwrap();
        let again = Keys::open(&path).unwrap();
        assert_eq!(again.admit(two.expose(), at(8)).as_deref(), Some("codex"));
        assert_eq!(again.list()[0].last_used, Some(at(7)));
        assert!(again.remove("claude").unwrap() && !again.remove("claude").unwrap());
        assert_eq!(again.admit(one.expose(), at(9)), None);
        assert_eq!(Keys::open(&path).unwrap().admit(one.expose(), at(9)), None);
        assert_eq!(Keys::open(&path).unwrap().list().len(), 1);
    }

    #[test]
    fn names_are_plain_and_given_once() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(&folder.path().join("keys.json")).unwrap();
        keys.make("Claude Desktop 1.0", at(1)).unwrap();
        assert!(matches!(keys.make("Claude Desktop 1.0", at(1)), Err(KeysError::Exists)));
        for name in ["", " a", "a ", "a/b", "a\nb", "é", &"x".repeat(65)] {
            assert!(matches!(keys.make(name, at(1)), Err(KeysError::Name)), "{name:?}");
        }
    }

    #[test]
    fn damaged_keys_open_nothing_and_are_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        secret::private::write(&path, b"{\"schema\":1,\"keys\":[{}]}").unwrap();
        assert!(matches!(Keys::open(&path), Err(KeysError::Damaged(_))));
        assert!(matches!(Keys::none(&path).make("a", at(1)), Err(KeysError::Damaged(_))));
        assert_eq!(std::fs::read(&path).unwrap(), b"{\"schema\":1,\"keys\":[{}]}");
    }

    #[test]
    fn a_key_is_shown_in_one_of_two_ways() {
        let key = format!("lyk_{}", "a".repeat(43));
        let bearer = format!("Bearer {key}");
        let table: &[(&[(&'static str, &str)], bool)] = &[
            (&[("lanyard-key", &key)], true),
            (&[("authorization", &bearer)], true),
            (&[("authorization", &format!("bearer {key}"))], true),
            (&[("authorization", &key)], false),
            (&[("authorization", &format!("Basic {key}"))], false),
            (&[("authorization", &format!("Bearer  {key}"))], false),
            (&[("lanyard-key", &key), ("lanyard-key", &key)], false),
            (&[("authorization", &bearer), ("authorization", &bearer)], false),
            (&[("lanyard-key", "nonsense"), ("authorization", &bearer)], false),
            (&[("lanyard-key", &key[..46])], false),
            (&[("lanyard-key", &format!("{}!", &key[..46]))], false),
            (&[], false),
        ];
        for (headers, expected) in table {
            let mut map = HeaderMap::new();
            for (name, value) in *headers {
                map.append(*name, value.parse().unwrap());
            }
            assert_eq!(presented(&map).is_some(), *expected, "{headers:?}");
        }
    }
}
