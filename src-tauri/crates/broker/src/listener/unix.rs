use std::ffi::{OsStr, OsString};
use std::fs::DirBuilder;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, chmodat, fstat, open, statat, unlinkat};
use rustix::io::Errno;
use rustix::net::{SocketAddrUnix, connect};
use rustix::process::{Resource, Rlimit, geteuid, getrlimit, setrlimit};
use tokio::net::{UnixListener, UnixSocket, UnixStream};

use super::StartError;

const BACKLOG: u32 = 1_024;

/// Descriptors for every connection, its process handle, and what else an agent opens.
const DESCRIPTORS: u64 = 8_192;

/// The local socket: 0600 in a folder 0700, both this user's (LI-2).
pub(crate) struct Socket {
    pub(crate) path: PathBuf,
    name: OsString,
    folder: OwnedFd,
    made: Stat,
}

/// What listens on it.
pub(crate) struct Listener(UnixListener);

impl Listener {
    /// The next connection.
    pub(crate) async fn accept(&mut self) -> io::Result<UnixStream> {
        self.0.accept().await.map(|(stream, _)| stream)
    }
}

impl Socket {
    /// Makes the socket at `path`, and its folder when that is not there, and listens.
    pub(crate) fn listen(path: &Path) -> Result<(Self, Listener), StartError> {
        let path = path.to_owned();
        // LI-8
        if SocketAddrUnix::new(&path).is_err() {
            return Err(StartError::TooLong(path));
        }
        let (Some(folder), Some(name)) = (path.parent(), path.file_name().map(OsString::from)) else {
            return Err(StartError::NotSocket(path));
        };
        let folder = opened(folder)?;
        clear(&folder, &name, &path)?;
        let bind = |source: io::Error| StartError::Bind { path: path.clone(), source };
        let socket = UnixSocket::new_stream().map_err(bind)?;
        socket.bind(&path).map_err(bind)?;
        // Nobody else can enter the folder, and nobody can connect before it listens: no moment with a wider mode.
        chmodat(&folder, &name, Mode::from_raw_mode(0o600), AtFlags::empty()).map_err(|error| bind(error.into()))?;
        let found = look(&folder, &name).map_err(|error| bind(error.into()))?;
        let right = found.as_ref().is_some_and(|found| is_our_socket(found) && found.st_mode & 0o777 == 0o600);
        let Some(found) = found.filter(|_| right) else { return Err(StartError::Changed(path)) };
        let listener = socket.listen(BACKLOG).map_err(bind)?;
        Ok((Self { path, name, folder, made: found }, Listener(listener)))
    }

    /// Removes the socket, if what stands there is still the one that was made.
    pub(crate) fn remove(&self) {
        let same = |found: Stat| (found.st_dev, found.st_ino) == (self.made.st_dev, self.made.st_ino);
        if look(&self.folder, &self.name).is_ok_and(|found| found.is_some_and(same)) {
            let _removed = unlinkat(&self.folder, &self.name, AtFlags::empty());
        }
    }
}

/// The folder, opened and judged as it is rather than by its name (LI-2).
fn opened(path: &Path) -> Result<OwnedFd, StartError> {
    let fault = |source: io::Error| StartError::Folder { path: path.into(), source };
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(fault)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = open(path, flags, Mode::empty()).map_err(|error| fault(error.into()))?;
    let found = fstat(&folder).map_err(|error| fault(error.into()))?;
    if found.st_uid != geteuid().as_raw() || found.st_mode & 0o7777 != 0o700 {
        return Err(StartError::FolderOpen(path.into()));
    }
    Ok(folder)
}

/// Removes a socket that nobody listens on, and only that (LI-4).
fn clear(folder: &OwnedFd, name: &OsStr, path: &Path) -> Result<(), StartError> {
    let unclear = |error: Errno| StartError::Unclear { path: path.into(), source: error.into() };
    let Some(found) = look(folder, name).map_err(unclear)? else { return Ok(()) };
    if !is_our_socket(&found) {
        return Err(StartError::NotSocket(path.into()));
    }
    // It does not wait.
    let probe = UnixSocket::new_stream().map_err(|source| StartError::Unclear { path: path.into(), source })?;
    let address = SocketAddrUnix::new(path).map_err(unclear)?;
    match connect(&probe, &address) {
        Ok(()) => Err(StartError::Served(path.into())),
        Err(Errno::CONNREFUSED) => unlinkat(folder, name, AtFlags::empty()).map_err(unclear),
        // A full queue above all: somebody listens who is slow. (macOS says that it refuses; there the lock of the one agent
        // alone keeps a second one from coming this far.)
        Err(error) => Err(unclear(error)),
    }
}

fn look(folder: &OwnedFd, name: &OsStr) -> Result<Option<Stat>, Errno> {
    match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(found) => Ok(Some(found)),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_our_socket(found: &Stat) -> bool {
    FileType::from_raw_mode(found.st_mode) == FileType::Socket && found.st_uid == geteuid().as_raw()
}

/// Lets this process have the descriptors that LI-20 needs, within what the system allows it.
pub(crate) fn raise_descriptor_limit() {
    let now = getrlimit(Resource::Nofile);
    let wanted = now.maximum.map_or(DESCRIPTORS, |most| most.min(DESCRIPTORS));
    if now.current.is_some_and(|current| current < wanted) {
        let _raised = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: now.maximum });
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::{UnixListener as Std, UnixStream as Stream};

    use rustix::net::{AddressFamily, SocketType, socket};

    use super::*;

    const NAME: &str = "lanyard.sock";

    fn listen(folder: &Path) -> Result<(Socket, Listener), StartError> {
        Socket::listen(&folder.join(NAME))
    }

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let base = tempfile::tempdir().unwrap();
        let folder = base.path().join("lanyard");
        (base, folder)
    }

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[tokio::test]
    async fn modes_are_as_promised_and_the_end_leaves_nothing() {
        let (_base, folder) = folder();
        let (socket, _listener) = listen(&folder).unwrap();
        assert_eq!((mode(&folder), mode(&socket.path)), (0o700, 0o600));
        socket.remove();
        assert!(!socket.path.exists());
    }

    #[tokio::test]
    async fn a_dead_socket_is_replaced() {
        let (_base, folder) = folder();
        drop(listen(&folder).unwrap());
        let path = folder.join(NAME);
        assert_eq!(Stream::connect(&path).unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
        let (_socket, _listener) = listen(&folder).unwrap();
        Stream::connect(&path).unwrap();
    }

    #[tokio::test]
    async fn a_living_socket_stops_the_start_and_stays() {
        let (_base, folder) = folder();
        let (socket, _listener) = listen(&folder).unwrap();
        assert!(matches!(listen(&folder), Err(StartError::Served(_))));
        assert!(socket.path.exists());
    }

    #[tokio::test]
    async fn an_unclear_socket_stops_the_start_and_stays() {
        let (_base, folder) = folder();
        DirBuilder::new().mode(0o700).create(&folder).unwrap();
        let path = folder.join(NAME);
        let raw = socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
        rustix::net::bind(&raw, &SocketAddrUnix::new(&path).unwrap()).unwrap();
        rustix::net::listen(&raw, 0).unwrap();
        let mut waiting = Vec::new();
        // Fill the queue of a listener that accepts nobody.
        loop {
            let one = UnixSocket::new_stream().unwrap();
            match connect(&one, &SocketAddrUnix::new(&path).unwrap()) {
                Ok(()) => waiting.push(one),
                Err(error) => break assert_eq!(error, Errno::AGAIN),
            }
        }
        assert!(matches!(listen(&folder), Err(StartError::Unclear { .. })));
        assert!(path.exists());
    }

    #[tokio::test]
    async fn what_is_no_socket_or_in_a_wide_folder_is_left_alone() {
        let (_base, folder) = folder();
        DirBuilder::new().mode(0o700).create(&folder).unwrap();
        let path = folder.join(NAME);
        std::fs::write(&path, "x").unwrap();
        assert!(matches!(listen(&folder), Err(StartError::NotSocket(_))));
        std::fs::remove_file(&path).unwrap();
        symlink("/nowhere", &path).unwrap();
        assert!(matches!(listen(&folder), Err(StartError::NotSocket(_))));
        std::fs::remove_file(&path).unwrap();
        for wide in [0o755, 0o710, 0o701, 0o1700] {
            std::fs::set_permissions(&folder, PermissionsExt::from_mode(wide)).unwrap();
            assert!(matches!(listen(&folder), Err(StartError::FolderOpen(_))), "{wide:o}");
        }
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o700)).unwrap();
        let link = folder.with_file_name("link");
        symlink(&folder, &link).unwrap();
        assert!(matches!(listen(&link), Err(StartError::Folder { .. })));
        let long = folder.join("x".repeat(100));
        assert!(matches!(listen(&long), Err(StartError::TooLong(_))));
    }

    #[tokio::test]
    async fn somebody_elses_socket_is_not_removed_at_the_end() {
        let (_base, folder) = folder();
        let (socket, _listener) = listen(&folder).unwrap();
        let kept = folder.join("kept");
        std::fs::rename(&socket.path, &kept).unwrap();
        let _theirs = Std::bind(&socket.path).unwrap();
        socket.remove();
        assert!(socket.path.exists());
    }
}
