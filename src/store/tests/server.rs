//! A loopback server that can break off in the middle of a file.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// How a file is served.
#[derive(Clone, Default)]
pub(super) struct Served {
    pub(super) body: Vec<u8>,
    /// Bytes of the body after which the connection is cut, for one request after another.
    pub(super) cuts: Vec<usize>,
    /// Whether ranges are ignored.
    pub(super) whole_only: bool,
}

#[derive(Default)]
struct ServerState {
    files: HashMap<String, Served>,
    /// Every request: path and first byte asked for.
    requests: Vec<(String, u64)>,
}

#[derive(Clone)]
pub(super) struct FileServer {
    pub(super) address: String,
    state: Arc<Mutex<ServerState>>,
}

impl FileServer {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = Self { address, state: Arc::default() };
        let ours = server.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let server = ours.clone();
                thread::spawn(move || server.answer(stream));
            }
        });
        server
    }

    pub(super) fn serve(&self, path: &str, served: Served) {
        self.state.lock().unwrap().files.insert(path.to_owned(), served);
    }

    pub(super) fn put(&self, path: &str, body: impl Into<Vec<u8>>) {
        self.serve(path, Served { body: body.into(), ..Served::default() });
    }

    /// First bytes asked for of a file, request by request.
    pub(super) fn asked(&self, path: &str) -> Vec<u64> {
        let state = self.state.lock().unwrap();
        state.requests.iter().filter(|(asked, _)| asked == path).map(|(_, from)| *from).collect()
    }

    fn answer(&self, mut stream: TcpStream) -> Option<()> {
        let mut lines = BufReader::new(stream.try_clone().ok()?).lines().map_while(Result::ok);
        let path = lines.next()?.split(' ').nth(1)?.to_owned();
        let headers = lines.take_while(|line| !line.is_empty());
        let range = headers
            .filter_map(|line| line.to_ascii_lowercase().strip_prefix("range: bytes=").map(str::to_owned));
        let from = range.last().and_then(|range| range.trim_end_matches('-').parse().ok()).unwrap_or(0);
        let served = {
            let mut state = self.state.lock().unwrap();
            state.requests.push((path.clone(), from));
            let served = state.files.get_mut(&path);
            served.map(|served| {
                let cut = if served.cuts.is_empty() { None } else { Some(served.cuts.remove(0)) };
                (served.body.clone(), cut, served.whole_only)
            })
        };
        let Some((body, cut, whole_only)) = served else {
            write!(stream, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .ok()?;
            return None;
        };
        let from = usize::try_from(if whole_only { 0 } else { from }).ok()?;
        if from > 0 && from >= body.len() {
            write!(stream, "HTTP/1.1 416 Range\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").ok()?;
            return None;
        }
        let status = if from > 0 { "206 Partial Content" } else { "200 OK" };
        let length = body.len() - from;
        write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n").ok()?;
        if from > 0 {
            write!(stream, "Content-Range: bytes {from}-{}/{}\r\n", body.len() - 1, body.len()).ok()?;
        }
        write!(stream, "\r\n").ok()?;
        let end = cut.map_or(body.len(), |cut| (from + cut).min(body.len()));
        stream.write_all(&body[from..end]).ok()
    }
}
