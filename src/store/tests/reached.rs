//! How servers are reached: mirrors, proxies, certificates.

use super::*;

fn pull_with(store: &Store, options: &PullOptions) -> Result<Installed, StoreError> {
    store.pull("test", options, &mut |_| ())
}

#[test]
fn a_mirror_is_asked_first_and_may_lack_a_model() {
    let (server, place, body) = (FileServer::start(), TestStore::new(), weights(30_000));
    let store = place.store(known(&body), &[format!("{}/m", server.address)]);
    server.put("/m", body.clone());
    let options =
        PullOptions { mirror: Some(format!("{}/mirror/", server.address)), ..PullOptions::default() };
    let installed = pull_with(&store, &options).unwrap();
    assert_eq!((server.asked("/mirror/test/model.gguf"), server.asked("/m")), (vec![0], vec![0]));

    // The folder of a store is a mirror as it is.
    server.put("/mirror/test/model.gguf", fs::read(installed.file("model.gguf").unwrap()).unwrap());
    store.remove("test").unwrap();
    pull_with(&store, &options).unwrap();
    assert_eq!(server.asked("/m"), [0], "the mirror had it");

    // It is trusted with nothing.
    server.put("/mirror/test/model.gguf", weights(30_000).iter().map(|byte| byte ^ 1).collect::<Vec<_>>());
    store.remove("test").unwrap();
    pull_with(&store, &options).unwrap();
    assert_eq!(server.asked("/m").len(), 2);
}

#[test]
fn a_proxy_is_gone_through() {
    let (proxy, place, body) = (FileServer::start(), TestStore::new(), weights(3_000));
    let url = "http://127.0.0.1:9/closed";
    proxy.put(url, body.clone());
    let store = place.store(known(&body), &[url.to_owned()]);
    assert!(matches!(pull(&store), Err(StoreError::Network { .. })));
    pull_with(&store, &PullOptions { proxy: Some(proxy.address), ..PullOptions::default() }).unwrap();
}

#[test]
fn a_file_without_certificates_is_told_at_once() {
    let (place, body) = (TestStore::new(), weights(3_000));
    let urls = ["http://127.0.0.1:9/a", "http://127.0.0.1:9/b"].map(str::to_owned);
    let store = place.store(known(&body), &urls);
    let path = place.folder.path().join("ca.pem");
    fs::write(&path, "key = 1\n").unwrap();
    let error = pull_with(&store, &PullOptions { ca_file: Some(path.clone()), ..PullOptions::default() });
    let error = error.unwrap_err().to_string();
    assert_eq!(error, format!("{} is not usable: there is no certificate in it", path.display()));
}
