//! `forelay serve`: the workshop.

use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use serve::{Limits, Reach, Settings, bind};

use super::print::{self, json_document, text};
use super::{Failure, Global};

#[derive(Debug, Args)]
pub struct Serve {
    /// Port; 0 takes a free one
    #[arg(long, default_value_t = 8737)]
    port: u16,
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    host: IpAddr,
    /// Let other machines in: everyone must present the token then, and TLS belongs in front of it
    #[arg(long)]
    beyond_loopback: bool,
    /// A further name by which browsers ask, e.g. planning.example or planning.example:8443
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// The token of at least 16 characters; made at random where it is not given
    #[arg(long, env = "FORELAY_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

pub fn run(global: &Global, args: &Serve) -> Result<ExitCode, Failure> {
    let settings = Settings {
        study: global.study.clone(),
        address: SocketAddr::new(args.host, args.port),
        reach: if args.beyond_loopback {
            Reach::Network
        } else {
            Reach::Loopback
        },
        hosts: args.allow_host.clone(),
        token: args.token.clone().filter(|_| args.beyond_loopback),
        limits: Limits::default(),
    };
    let given = settings.token.is_some();
    let runtime = serve::runtime().map_err(|error| Failure::new(error.to_string()))?;
    let ended = runtime.block_on(async {
        let bound = bind(settings).await?;
        let address = format!("http://{}/", bound.address);
        let token = bound.token.clone().filter(|_| !given);
        if global.json {
            json_document(
                &json!({ "schema": "forelay.serve/1", "address": address, "token": token }),
            );
        } else {
            text(&address);
            if let Some(token) = token {
                print::lines(global, &[format!("token {token}")]);
            }
        }
        bound.serve(serve::interrupted()).await;
        Ok(ExitCode::SUCCESS)
    });
    // What still computes is left: a step writes nothing before it is whole.
    runtime.shutdown_timeout(Duration::from_secs(3));
    ended
}
