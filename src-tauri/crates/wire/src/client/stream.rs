use std::io::{self, BufRead, BufReader, Read};

use super::{ClientError, Stream};
use crate::Problem;

/// Server-sent events of the agent. The agent closes the connection at the end (`Connection: close`), and
/// sends each chunk of the chunked body as whole lines.
pub struct Events {
    lines: BufReader<Stream>,
    chunked: bool,
}

/// A line longer than this is not one of the agent's.
const LINE_LIMIT: u64 = 4 * 1024 * 1024;

impl Events {
    pub(super) fn begin(stream: Stream) -> Result<Self, ClientError> {
        let mut lines = BufReader::new(stream);
        let status = line(&mut lines)?.ok_or(ClientError::Answer)?;
        let status: u16 = status.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or(ClientError::Answer)?;
        let mut chunked = false;
        while let Some(header) = line(&mut lines)?.filter(|header| !header.is_empty()) {
            chunked |= header.to_ascii_lowercase().starts_with("transfer-encoding: chunked");
        }
        if status >= 400 {
            let mut body = Vec::new();
            lines.take(LINE_LIMIT).read_to_end(&mut body)?;
            let problem: Problem = serde_json::from_slice(&body).map_err(|_| ClientError::Answer)?;
            return Err(ClientError::Problem(Box::new(problem)));
        }
        Ok(Self { lines, chunked })
    }
}

impl Iterator for Events {
    type Item = Result<String, ClientError>;

    /// The data of the next event. A connection that was cut is an error, and not the end.
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = match line(&mut self.lines) {
                Ok(Some(line)) => line,
                Ok(None) if self.chunked => return Some(Err(io::Error::from(io::ErrorKind::UnexpectedEof).into())),
                Ok(None) => return None,
                Err(error) => return Some(Err(error)),
            };
            // A chunk's size stands on a line of its own and is no event line.
            if self.chunked && line == "0" {
                return None;
            }
            if let Some(data) = line.strip_prefix("data:") {
                return Some(Ok(data.trim_start().to_owned()));
            }
        }
    }
}

fn line(lines: &mut BufReader<Stream>) -> Result<Option<String>, ClientError> {
    let mut line = Vec::new();
    let read = lines.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut line)?;
    if read == 0 {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    let line = String::from_utf8(line).map_err(|_| ClientError::Answer)?;
    Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
}
