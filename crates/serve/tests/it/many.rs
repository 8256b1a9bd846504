//! Many readers at once.

use crate::server::Server;

#[test]
fn two_hundred_readers_at_once_without_an_error() {
    let server = Server::with(|_| {});
    let paths = [
        "/",
        "/api/session",
        "/api/overview?lang=zh",
        "/api/runs/latest/tables/layout.regions?limit=50",
        "/api/sections/layout",
        "/api/explain?id=layout.certificate/plan",
        "/api/evidence/sources?limit=5",
        "/api/figures",
    ];
    let failed: Vec<String> = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..200)
            .map(|i| {
                let server = &server;
                scope.spawn(move || {
                    (0..3)
                        .map(|j| paths[(i + j) % paths.len()])
                        .filter_map(|path| {
                            let reply = server.get(path);
                            (reply.status != 200).then(|| format!("{path}: {}", reply.status))
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        readers
            .into_iter()
            .flat_map(|r| r.join().unwrap())
            .collect()
    });
    assert!(failed.is_empty(), "{failed:?}");
}
