//! nginx as the same reverse proxy.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::gateway::Way;

/// nginx of Debian as a reverse proxy to the same server, two workers as Lanyard has; it ends with this.
pub(crate) struct Nginx {
    child: Child,
    pub(crate) way: Way,
}

impl Nginx {
    pub(crate) fn start(server: &str, folder: &std::path::Path) -> Result<Self, String> {
        let fault = |error: std::io::Error| error.to_string();
        let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|free| free.local_addr()).map_err(fault)?.port();
        let place = folder.display();
        let temporary =
            ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|name| format!("{name}_temp_path {place}/{name};"));
        let config = format!(
            "daemon off; worker_processes 2; pid {place}/nginx.pid; error_log {place}/nginx.log; events {{}}\nhttp {{ access_log off; {}\n\
             upstream up {{ server {server}; keepalive 64; }}\nserver {{ listen 127.0.0.1:{port}; keepalive_requests 1000000;\n\
             location / {{ proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_buffering off; }} }} }}\n",
            temporary.join(" ")
        );
        let file = folder.join("nginx.conf");
        std::fs::write(&file, config).map_err(fault)?;
        let mut command = Command::new("/usr/sbin/nginx");
        let child = command
            .arg("-p")
            .arg(folder)
            .arg("-c")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(fault)?;
        let nginx = Self { child, way: Way::new(&format!("127.0.0.1:{port}"), "/mcp", "") };
        let began = Instant::now();
        while nginx.way.open().is_err() {
            if began.elapsed() > Duration::from_secs(10) {
                return Err("it does not listen".to_owned());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master ends its workers when it is told to end.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}
