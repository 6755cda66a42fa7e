use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use axum::routing::post;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::super::credentials::Kept;
use super::*;

const EMPTY: &str = r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#;

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// A folder that is gone when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("pushdeck-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn plain(address: SocketAddr, credentials: Credentials) -> Server {
    Server::new(&Options { url: format!("http://{address}/prefix/"), credentials, ..Options::default() }).unwrap()
}

/// What comes of a query to a server that answers so.
async fn answered<R: IntoResponse + 'static>(page: fn(HeaderMap, String) -> R) -> Result<Vec<Found>, String> {
    let router = Router::new()
        .route("/prefix/api/v1/query", post(move |headers: HeaderMap, body: String| async move { page(headers, body) }));
    plain(serve(router).await, Credentials::None).instant("up{cell=\"a&b\"}", Some(1_800_000_000_005)).await
}

#[tokio::test]
async fn a_query_is_posted_as_a_form_below_the_servers_own_path() {
    let found = answered(|headers, body| {
        assert_eq!(headers[header::CONTENT_TYPE], "application/x-www-form-urlencoded");
        assert!(!headers.contains_key(header::AUTHORIZATION));
        assert_eq!(body, "query=up%7Bcell%3D%22a%26b%22%7D&time=1800000000.005");
        EMPTY
    });
    assert_eq!(found.await, Ok(vec![]));
    let range = post(|body: String| async move {
        assert_eq!(body, "query=up&start=1.000&end=9.500&step=0.250");
        EMPTY
    });
    let address = serve(Router::new().route("/prefix/api/v1/query_range", range)).await;
    let steps = Steps { from: 1_000, to: 9_500, step: 250 };
    assert_eq!(plain(address, Credentials::None).range("up", steps).await, Ok(vec![]));
}

#[tokio::test]
async fn an_answer_that_is_none_is_said_without_the_address() {
    let error = |status: StatusCode| (status, r#"{"status":"error","errorType":"execution","error":"too many samples"}"#);
    assert_eq!(answered(|_, _| StatusCode::NOT_FOUND).await.unwrap_err(), "answered 404");
    assert_eq!(answered(|_, _| StatusCode::UNAUTHORIZED).await.unwrap_err(), "answered 401: it does not take these credentials");
    let address =
        serve(Router::new().route("/prefix/api/v1/query", post(move || async move { error(StatusCode::UNPROCESSABLE_ENTITY) })))
            .await;
    let why = plain(address, Credentials::None).instant("up", None).await.unwrap_err();
    assert_eq!(why, "answered 422: too many samples");
    let endless = answered(|_, _| Body::from(vec![b' '; MOST + 1])).await.unwrap_err();
    assert_eq!(endless, "answered with more than 64 MiB");
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let why = plain(closed, Credentials::None).instant("up", None).await.unwrap_err();
    assert!(why.starts_with("cannot connect") && !why.contains(&closed.to_string()), "{why}");
}

#[tokio::test]
async fn credentials_go_to_the_server_and_never_where_it_leads() {
    let elsewhere = serve(Router::new().fallback(|| async { EMPTY })).await;
    let leading = post(move |headers: HeaderMap| async move {
        assert_eq!(headers[header::AUTHORIZATION], "Bearer hunter2");
        (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, format!("http://{elsewhere}/api/v1/query"))])
    });
    let address = serve(Router::new().route("/prefix/api/v1/query", leading)).await;
    let folder = Folder::new("redirect");
    let bearer = Credentials::Bearer(Kept::File(folder.file("token", "hunter2\n")));
    let server = plain(address, bearer);
    assert!(!format!("{server:?}").contains("hunter2"));
    let why = server.instant("up", None).await.unwrap_err();
    assert_eq!(why, "answered 307, a redirect, which is not followed; name the address it leads to");
}

#[tokio::test]
async fn a_secret_is_read_anew_and_its_lack_is_said() {
    let page = post(|headers: HeaderMap| async move {
        assert_eq!(headers[header::AUTHORIZATION], "Basic bGVuYTpodW50ZXIy");
        EMPTY
    });
    let address = serve(Router::new().route("/prefix/api/v1/query", page)).await;
    let folder = Folder::new("secret");
    let file = folder.file("password", "\n");
    let server = plain(address, Credentials::Basic { user: "lena".to_owned(), password: Kept::File(file.clone()) });
    let empty = server.instant("up", None).await.unwrap_err();
    assert_eq!(empty, format!("{} holds no token: write it there in one line", file.display()));
    folder.file("password", "hunter2");
    assert_eq!(server.instant("up", None).await, Ok(vec![]));
    let unset = plain(address, Credentials::Bearer(Kept::Variable("PUSHDECK_TEST_UNSET".to_owned())));
    assert_eq!(unset.secret_variable(), Some("PUSHDECK_TEST_UNSET"));
    let why = unset.instant("up", None).await.unwrap_err();
    assert_eq!(why, "the environment variable PUSHDECK_TEST_UNSET holds no secret: set it");
}

#[test]
fn what_would_show_credentials_to_others_cannot_be_asked() {
    let refused = |url: &str, credentials: &Credentials, ca: Option<&str>| {
        let (url, ca) = (url.to_owned(), ca.map(PathBuf::from));
        Server::new(&Options { url, credentials: credentials.clone(), ca, identity: None }).err().map(|why| why.to_string())
    };
    let bearer = Credentials::Bearer(Kept::Variable("TOKEN".to_owned()));
    let readable = "credentials go to a Prometheus server over https only, or to this machine; give its https address";
    assert_eq!(refused("http://10.0.0.1", &bearer, None).as_deref(), Some(readable));
    for here in ["http://localhost:9090", "http://127.0.0.1:9090", "http://[::1]:9090"] {
        assert_eq!(refused(here, &bearer, None), None, "{here}");
    }
    assert_eq!(refused("http://10.0.0.1", &Credentials::None, None), None);
    assert!(
        refused("http://10.0.0.1", &Credentials::None, Some("/ca.pem")).unwrap().starts_with("certificates are for https only")
    );
    assert!(refused("https://10.0.0.1", &bearer, Some("/nowhere.pem")).unwrap().starts_with("/nowhere.pem cannot be read: "));
    assert_eq!(
        refused("http://169.254.169.254", &Credentials::None, None).unwrap(),
        "the address of the Prometheus server leads to a cloud's metadata service, which is never asked; give the address of a target"
    );
}

/// A certificate authority of the test's own, and what it signed.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
    der: Vec<u8>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self { pem: certificate.pem(), der: certificate.der().to_vec(), issuer: Issuer::new(params, key) }
    }

    fn signed(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }
}

/// A server that talks to nobody who shows no certificate of the authority.
async fn serve_mutual(authority: &Authority) -> SocketAddr {
    let mut roots = RootCertStore::empty();
    roots.add(authority.der.clone().into()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    let (certificate, key) = authority.signed("localhost");
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut asked = [0; 4_096];
                let _ = stream.read(&mut asked).await;
                let length = EMPTY.len();
                let answer = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{EMPTY}");
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    address
}

fn over_tls(port: u16, ca: &Path, identity: Option<Identity>) -> Server {
    let url = format!("https://localhost:{port}");
    Server::new(&Options { url, credentials: Credentials::None, ca: Some(ca.to_owned()), identity }).unwrap()
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_is_shown_it_and_must_show_its_own() {
    let (authority, other) = (Authority::new(), Authority::new());
    let port = serve_mutual(&authority).await.port();
    let folder = Folder::new("mtls");
    let ca = folder.file("ca.pem", &authority.pem);
    let (certificate, key) = authority.signed("pushdeck");
    let identity = Identity {
        certificate: folder.file("client.pem", &certificate.pem()),
        key: folder.file("client.key", &key.serialize_pem()),
    };
    assert_eq!(over_tls(port, &ca, Some(identity.clone())).instant("up", None).await, Ok(vec![]));
    assert!(over_tls(port, &ca, None).instant("up", None).await.is_err());
    let strange = over_tls(port, &folder.file("other.pem", &other.pem), Some(identity));
    let why = strange.instant("up", None).await.unwrap_err();
    assert!(why.starts_with("cannot connect"), "{why}");

    let not_pem = folder.file("text", "hello");
    let refused =
        Server::new(&Options { url: "https://p".to_owned(), ca: Some(not_pem.clone()), ..Options::default() }).unwrap_err();
    assert_eq!(refused.to_string(), format!("{} holds no certificate that can be used; name a PEM file", not_pem.display()));
    let keyless = Identity { certificate: not_pem.clone(), key: not_pem };
    let refused = Server::new(&Options { url: "https://p".to_owned(), identity: Some(keyless), ..Options::default() });
    assert!(refused.unwrap_err().to_string().contains("holds no certificate and key"));
}
