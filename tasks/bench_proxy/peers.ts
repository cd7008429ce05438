/** The other proxies, each with one worker, each as fast as its settings make it. */
import { join } from "@std/path";
import type { ProgramName } from "./packages.ts";

/** Proxies to compare with. */
export type PeerName = Exclude<ProgramName, "wrk">;

/** What a peer is started with. */
export interface PeerPlace {
  /** The backend's socket. */
  readonly socket: string;
  readonly port: number;
  /** A folder of its own. */
  readonly folder: string;
}

export interface PeerStart {
  /** Its configuration, written to `join(folder, "config")`. */
  readonly config: string;
  /** What follows the program's path. */
  readonly args: readonly string[];
}

/** How each is started, in the foreground. */
export const PEERS: Readonly<Record<PeerName, (place: PeerPlace) => PeerStart>> = {
  nginx: (place) => ({
    config: nginxConfig(place),
    args: ["-p", place.folder, "-c", join(place.folder, "config")],
  }),
  caddy: (place) => ({
    config: caddyConfig(place),
    args: ["run", "--config", join(place.folder, "config"), "--adapter", "caddyfile"],
  }),
  haproxy: (place) => ({
    config: haproxyConfig(place),
    args: ["-db", "-q", "-f", join(place.folder, "config")],
  }),
};

/** Whether a side is one of them. */
export function isPeer(name: string): name is PeerName {
  return Object.hasOwn(PEERS, name);
}

/**
 * One process, so that it is one to pin and to weigh. Events go out at once (buffering off); large
 * bodies are faster with larger buffers than it has by itself, as long as none goes to a file.
 */
function nginxConfig({ socket, port, folder }: PeerPlace): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `
daemon off;
master_process off;
worker_processes 1;
pid ${folder}/pid;
error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  client_max_body_size 0;
  client_body_buffer_size 128k;
${temporary.map((name) => `  ${name}_temp_path ${folder}/${name};`).join("\n")}
  upstream backend {
    server unix:${socket};
    keepalive 512;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=1024;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_request_buffering off;
    proxy_buffering off;
    location / { proxy_pass http://backend; }
    location /down {
      proxy_buffering on;
      proxy_buffers 16 64k;
      proxy_busy_buffers_size 128k;
      proxy_max_temp_file_size 0;
      proxy_pass http://backend;
    }
  }
}
`;
}

function caddyConfig({ socket, port }: PeerPlace): string {
  return `
{
  admin off
  auto_https off
  log {
    level ERROR
  }
  servers {
    protocols h1
  }
}
http://:${port} {
  bind 127.0.0.1
  reverse_proxy unix/${socket} {
    flush_interval -1
    transport http {
      keepalive_idle_conns 512
      keepalive_idle_conns_per_host 512
    }
  }
}
`;
}

/** Splicing takes large bodies through the kernel; without `http-no-delay` an event waits 200 ms. */
function haproxyConfig({ socket, port }: PeerPlace): string {
  return `
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  option splice-auto
  option http-no-delay
  http-reuse always
  timeout connect 5s
  timeout client 600s
  timeout server 600s
frontend front
  bind 127.0.0.1:${port} backlog 1024
  default_backend back
backend back
  server one unix@${socket} pool-max-conn 512
`;
}
