#![expect(unsafe_code, reason = "the event log is written by the system's own interface only")]

use std::io;
use std::ptr;

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::EventLog::{
    DeregisterEventSource, EVENTLOG_INFORMATION_TYPE, EVENTLOG_WARNING_TYPE, RegisterEventSourceW, ReportEventW,
};
use wire::AuditEvent;

use super::{Sink, number};

/// The source in the application log.
const SOURCE: &str = "Lanyard";

/// The longest text of an event (ReportEventW).
const LIMIT: usize = 31_839;

/// The Windows event log, source `Lanyard`: one event as one JSON text.
#[derive(Default)]
pub struct SystemSink(Option<Source>);

struct Source(HANDLE);

// SAFETY: the handle belongs to no thread.
unsafe impl Send for Source {}

impl Drop for Source {
    fn drop(&mut self) {
        // SAFETY: opened by us, closed here alone.
        unsafe { DeregisterEventSource(self.0) };
    }
}

impl SystemSink {
    fn source(&mut self) -> io::Result<HANDLE> {
        if let Some(source) = &self.0 {
            return Ok(source.0);
        }
        let name: Vec<u16> = SOURCE.encode_utf16().chain([0]).collect();
        // SAFETY: the name ends with a zero and lives for the whole call.
        let handle = unsafe { RegisterEventSourceW(ptr::null(), name.as_ptr()) };
        if handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        Ok(self.0.insert(Source(handle)).0)
    }
}

impl Sink for SystemSink {
    fn write(&mut self, event: &AuditEvent) -> io::Result<()> {
        let source = self.source()?;
        let refused = event.outcome == "refused";
        let kind = if refused { EVENTLOG_WARNING_TYPE } else { EVENTLOG_INFORMATION_TYPE };
        let text: Vec<u16> = serde_json::to_string(event)?.encode_utf16().take(LIMIT - 1).chain([0]).collect();
        let texts = [text.as_ptr()];
        // SAFETY: the one text ends with a zero and lives for the whole call.
        let written =
            unsafe { ReportEventW(source, kind, 0, number(&event.event), ptr::null_mut(), 1, 0, texts.as_ptr(), ptr::null()) };
        if written == 0 {
            let error = io::Error::last_os_error();
            self.0 = None;
            return Err(error);
        }
        Ok(())
    }
}
