use super::*;

#[test]
fn files_are_replaced_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    assert_eq!(read(&path, 10).unwrap(), None);
    write(&path, b"one").unwrap();
    write(&path, b"two").unwrap();
    assert_eq!(read(&path, 10).unwrap().unwrap().as_slice(), b"two");
    assert!(read(&path, 2).is_err());
    assert_eq!(create(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    remove(&path).unwrap();
    remove(&path).unwrap();
    assert_eq!(read(&path, 10).unwrap(), None);
}

#[cfg(unix)]
#[test]
fn links_and_wide_modes_are_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (folder.path().join("x"), folder.path().join("link"));
    write(&path, b"12345").unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(read(&link, 10).is_err() && append(&link).is_err());
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    assert!(read(&path, 10).is_err() && append(&path).is_err());
}
