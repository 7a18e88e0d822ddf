//! What is believed, and why something is not (LI-54).

use std::path::PathBuf;

/// Why a file or folder is not believed.
#[derive(Debug, thiserror::Error)]
pub enum Untrusted {
    /// The last step, or a folder before it, is a link.
    #[error("it is a link, or lies under one")]
    Link,
    /// A file where a folder belongs.
    #[error("it is not a folder")]
    NotFolder,
    /// A folder, pipe, socket or device.
    #[error("it is not a regular file")]
    NotRegular,
    /// Somebody else could have written it.
    #[error("{} belongs to user {owner}, not to root", path.display())]
    Owner {
        /// The file, or a folder above it.
        path: PathBuf,
        /// Its owner.
        owner: String,
    },
    /// Somebody else can write it.
    #[error("{} can be written by its group or by everybody (mode {mode})", path.display())]
    Writable {
        /// The file, or a folder above it.
        path: PathBuf,
        /// Its permission bits.
        mode: String,
    },
    /// Somebody who is no administrator can write it (Windows).
    #[error("{} can be written by {who}", path.display())]
    Open {
        /// The file, or a folder above it.
        path: PathBuf,
        /// Who.
        who: String,
    },
    /// A path of another system.
    #[error("it is no absolute path of this system")]
    Elsewhere,
    /// Over the limit of its kind.
    #[error("it is too large")]
    TooLarge,
    /// Over 256.
    #[error("it holds more than 256 files")]
    TooMany,
    /// The system refused.
    #[error("it cannot be read")]
    Unreadable(#[source] std::io::Error),
}

/// What stands at a name.
pub(crate) enum Content {
    Absent,
    #[cfg_attr(windows, expect(dead_code, reason = "only Unix has it"))]
    /// A link to `/dev/null`.
    Masked,
    Bytes(Vec<u8>),
}
