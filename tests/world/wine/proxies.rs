//! Proxies as Windows knows them: the person's settings, and a script that WinHTTP evaluates.

use sandbox::{HOST, Options, Proxy, World};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Windows, exported, policy};

/// Where Windows keeps what its own dialogue for proxies sets.
pub(super) const CONNECTIONS: &str = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings\Connections";

/// Flags of those settings: directly, by a named proxy, by a script.
const BY_PROXY: u32 = 1 | 2;
const BY_SCRIPT: u32 = 1 | 4;

/// The settings of a person as that dialogue writes them: each text behind its length.
fn connection(flags: u32, proxy: &str, spared: &str, script: &str) -> String {
    let mut bytes: Vec<u8> = [0x46_u32, 1, flags].into_iter().flat_map(u32::to_le_bytes).collect();
    for text in [proxy, spared, script] {
        bytes.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes.extend([0; 32]);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Windows {
    /// Sets the person's proxy, and looks by which way the identity provider is asked then.
    async fn way(&mut self, settings: &str) -> Value {
        assert!(self.system(&[
            "reg",
            "add",
            CONNECTIONS,
            "/v",
            "DefaultConnectionSettings",
            "/t",
            "REG_BINARY",
            "/d",
            settings,
            "/f"
        ]));
        self.start_agent().await;
        let said = self.desk.say(&["doctor", "figma", "--json"]).await;
        self.kill_agent();
        let document: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{said:?}"));
        document["steps"].as_array().unwrap().iter().find(|step| step["step"] == "network").unwrap().clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn windows_finds_its_proxy_in_the_persons_settings_and_in_a_script() {
    let world = World::start(Options { tls: true, named: true, ..Options::default() }).await;
    let proxy = Proxy::start().await.unwrap();
    let Some(mut windows) = Windows::new(&world).await else { return };
    let mut set = policy(&world);
    // The file would have to be an administrator's. Without it nothing is trusted, but the proxy is asked all the same.
    set.as_object_mut().unwrap().remove("ExtraCaFile");
    let idp = world.idp.issuer().trim_start_matches("https://").to_owned();
    let reg = exported(&windows, &set).await;
    windows.import(&reg);
    let at = proxy.url.trim_start_matches("http://").to_owned();

    let named = windows.way(&connection(BY_PROXY, &format!("http=127.0.0.1:1;https={at}"), "<local>", "")).await;
    let found = named["found"].as_str().unwrap();
    assert!(found.contains(&format!("through the proxy {}, as the settings of the system say", proxy.url)), "{named:#}");
    assert!(proxy.asked().contains(&idp), "{:?}", proxy.asked());

    let before = proxy.asked().len();

    let spared = windows.way(&connection(BY_PROXY, &at, "<local>;*.test", "")).await;
    assert!(spared["found"].as_str().unwrap().contains("reached directly"), "{spared:#}");
    assert_eq!(proxy.asked().len(), before);

    let script = format!("function FindProxyForURL(url, host) {{ return host == \"{HOST}\" ? \"PROXY {at}\" : \"DIRECT\"; }}");
    let script = Script::start(script).await;
    let scripted = windows.way(&connection(BY_SCRIPT, "", "", &script.url)).await;
    assert!(scripted["found"].as_str().unwrap().contains(&format!("through the proxy {}", proxy.url)), "{scripted:#}");
    assert!(proxy.asked().len() > before);
}

/// A web server with one script of automatic configuration.
struct Script {
    url: String,
    task: tokio::task::JoinHandle<()>,
}

impl Script {
    async fn start(text: String) -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/proxy.pac", listener.local_addr().unwrap());
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = [0; 4096];
                let _ = stream.read(&mut head).await;
                let length = text.len();
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/x-ns-proxy-autoconfig\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { url, task }
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.task.abort();
    }
}
