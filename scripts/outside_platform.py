"""Stands in for an outside platform that knows nobody: prints its address, then answers 401 to everything. With it, tests
that send made-up credentials neither need nor bother the real platform."""

import http.server


class KnowsNobody(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = b'{"message": "unknown API key"}'
        self.send_response(401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), KnowsNobody)
print(f"http://127.0.0.1:{server.server_address[1]}/", flush=True)
server.serve_forever()
