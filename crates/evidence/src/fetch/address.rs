//! Which addresses are taken, and how they are shown: never with a name, a password or a key in them.

use url::{Host, Url};

use super::FetchError;

/// The address of a request or of a redirect, if it may be asked.
pub(super) fn checked(text: &str) -> Result<Url, FetchError> {
    let refused = |problem: &'static str| FetchError::Address {
        address: shown_text(text),
        problem,
    };
    let url = Url::parse(text).map_err(|_| refused("it is not an address"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("it holds a name or a password"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_here(&url) => Ok(url),
        _ => Err(refused("it does not begin with https://")),
    }
}

/// Where a redirect leads. From elsewhere none may lead to this machine.
pub(super) fn redirected(from: &Url, location: &str) -> Result<Url, FetchError> {
    let refused = |to: String| FetchError::Redirect {
        from: shown(from),
        to,
    };
    let joined = from
        .join(location)
        .map_err(|_| refused("an unreadable address".to_owned()))?;
    match checked(joined.as_str()) {
        Ok(url) if is_here(&url) == is_here(from) => Ok(url),
        _ => Err(refused(shown(&joined))),
    }
}

pub(super) fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// For people and records: without what follows `?` (keys and signatures live there), without name and password.
pub(super) fn shown(url: &Url) -> String {
    let mut plain = url.clone();
    plain.set_query(None);
    plain.set_fragment(None);
    let _ = plain.set_username("");
    let _ = plain.set_password(None);
    if url.query().is_some() {
        format!("{plain}?…")
    } else {
        plain.into()
    }
}

fn shown_text(text: &str) -> String {
    match Url::parse(text) {
        Ok(url) => shown(&url),
        Err(_) => text
            .split(['?', '@'])
            .next_back()
            .map_or_else(String::new, |last| last.chars().take(100).collect()),
    }
}

/// The name of the file at the end of an address; `None` where it names none.
pub(super) fn file_name(url: &Url) -> Option<String> {
    let last = url.path_segments()?.next_back()?;
    let name = decoded(last)?;
    is_plain(&name).then_some(name)
}

/// A name for a file in one folder and nothing more.
pub(super) fn is_plain(name: &str) -> bool {
    let forbidden = |c: char| c.is_control() || r#"/\:*?"<>|"#.contains(c);
    !name.is_empty()
        && name.len() <= 150
        && !name.starts_with('.')
        && !name.ends_with(['.', ' '])
        && !name.contains(forbidden)
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine() {
        for good in [
            "https://example.org/a.zip",
            "http://127.0.0.1:8000/a",
            "http://localhost/a",
        ] {
            assert!(checked(good).is_ok(), "{good}");
        }
        for bad in [
            "http://example.org/a.zip",
            "ftp://example.org/a",
            "file:///etc/passwd",
            "https://me:secret@example.org/a",
            "a.zip",
            "",
        ] {
            let text = checked(bad).expect_err(bad).to_string();
            assert!(!text.contains("secret"), "{text}");
        }
    }

    #[test]
    fn redirects_stay_outside_or_inside() {
        let outside = Url::parse("https://example.org/a").expect("an address");
        assert!(redirected(&outside, "/b").is_ok());
        assert!(redirected(&outside, "https://cdn.example.org/b").is_ok());
        assert!(redirected(&outside, "http://example.org/b").is_err());
        assert!(redirected(&outside, "http://127.0.0.1/b").is_err());
        assert!(redirected(&outside, "https://[::1]/b").is_err());
        let inside = Url::parse("http://127.0.0.1:80/a").expect("an address");
        assert!(redirected(&inside, "/b").is_ok());
        assert!(redirected(&inside, "https://example.org/").is_err());
    }

    #[test]
    fn keys_are_not_shown() {
        let url = Url::parse("https://example.org/a?key=secret#part").expect("an address");
        assert_eq!(shown(&url), "https://example.org/a?…");
        assert!(!shown_text("nothing?key=x@y?z").contains("key"));
    }

    #[test]
    fn names_stay_in_their_folder() {
        let name = |address: &str| file_name(&Url::parse(address).expect("an address"));
        assert_eq!(
            name("https://e.org/x/BACI%20HS.zip").as_deref(),
            Some("BACI HS.zip")
        );
        for address in [
            "https://e.org/",
            "https://e.org/a/..%2f..%2fetc",
            "https://e.org/.bashrc",
            "https://e.org/a%00b",
            "https://e.org/:persistentId",
        ] {
            assert_eq!(name(address), None, "{address}");
        }
    }
}
