#!/usr/bin/env python3
"""A model for tests: does what the prompt itself says.

Usage: model_server.py [RULES]

Speaks as much as the agents need of four companies' protocols, on loopback
only. Prints its port on a line of its own and serves until its standard input
ends. The newest message of the user that holds directives says what to answer:

  [[reply TEXT]]   TEXT is the final answer ("done" where there is none)
  [[count]]        the final answer is how many of the user's messages in this
                   conversation hold directives
  [[sh COMMAND]]   before the answer, have the agent's shell tool run COMMAND
  [[fail STATUS]]  refuse with this HTTP status
  [[stall]]        begin to answer, then say nothing until the agent goes

TEXT and COMMAND may be anything without "]]", newlines too. A directive with
the name of a protocol, as in [[reply@anthropic TEXT]], counts in that protocol
alone, and before one without. So several agents that are given the same prompt
answer as different models do. The key "wrong" is refused with status 401.

For prompts that hold no directives, the file RULES may: it is JSON, a list of
pairs of a list of texts and the directives that a message of the user has at its
end, as it were, where all these texts are in it. The first that fits counts. The
file is read anew for each request, and need not be there.
"""

import http.server
import json
import pathlib
import re
import sys
import threading

DIRECTIVE = re.compile(
    r'\[\[(reply|count|sh|fail|stall)(?:@(\w+))?(?: (.*?))?\]\]', re.DOTALL)

# Longer than any test: the tool is not to be left in the background.
FOREVER_MS = 600_000

# The shell tools that agents declare, with the arguments they take.
SHELLS = {
    'exec_command': lambda command: {
        'cmd': command, 'yield_time_ms': FOREVER_MS},
    'Bash': lambda command: {
        'command': command, 'description': 'a test', 'timeout': FOREVER_MS},
    'bash': lambda command: {
        'command': command, 'description': 'a test', 'timeout': FOREVER_MS},
    'run_shell_command': lambda command: {
        'command': command, 'description': 'a test', 'is_background': False},
}


def text_of(content):
    """The text of a message: a string, or parts some of which have text."""
    if isinstance(content, str):
        return content
    return '\n'.join(part.get('text', '') for part in content)


# A protocol knows the path it is spoken on, the conversation in a request as
# pairs of role and text (the role "tool" is a tool's result), the names of the
# tools that it declares, and how an answer is written: as events that are
# streamed, or as one document. An answer is a text, or the call of a tool: a
# pair of its name and its arguments.


class OpenAi:
    """https://platform.openai.com/docs/api-reference/responses-streaming"""

    name = 'openai'
    path = re.compile(r'/responses$')

    @staticmethod
    def messages(body):
        for item in body['input']:
            if item['type'] == 'message':
                yield item['role'], text_of(item['content'])
            elif item['type'] == 'function_call_output':
                yield 'tool', ''

    @staticmethod
    def tools(body):
        return [tool.get('name') for tool in body.get('tools', [])]

    @staticmethod
    def events(answer):
        if isinstance(answer, str):
            item = {'type': 'message', 'role': 'assistant', 'id': 'message',
                    'content': [{'type': 'output_text', 'text': answer}]}
        else:
            item = {'type': 'function_call', 'call_id': 'call',
                    'name': answer[0], 'arguments': json.dumps(answer[1])}
        # codex adds these up, and refuses an answer without them.
        usage = {'input_tokens': 1, 'output_tokens': 1, 'total_tokens': 2}
        yield {'type': 'response.created', 'response': {'id': 'response'}}
        yield {'type': 'response.output_item.done', 'item': item}
        yield {'type': 'response.completed',
               'response': {'id': 'response', 'usage': usage}}


class Anthropic:
    """https://docs.anthropic.com/en/docs/build-with-claude/streaming"""

    name = 'anthropic'
    path = re.compile(r'/messages$')

    @staticmethod
    def messages(body):
        for message in body['messages']:
            content = message['content']
            if '"tool_result"' in json.dumps(content):
                yield 'tool', ''
            else:
                yield message['role'], text_of(content)

    @staticmethod
    def tools(body):
        return [tool['name'] for tool in body.get('tools', [])]

    @staticmethod
    def events(answer):
        if isinstance(answer, str):
            block = {'type': 'text', 'text': ''}
            delta = {'type': 'text_delta', 'text': answer}
            reason = 'end_turn'
        else:
            block = {'type': 'tool_use', 'id': 'call', 'name': answer[0],
                     'input': {}}
            delta = {'type': 'input_json_delta',
                     'partial_json': json.dumps(answer[1])}
            reason = 'tool_use'
        message = {'id': 'message', 'type': 'message', 'role': 'assistant',
                   'model': 'scripted', 'content': [],
                   'usage': {'input_tokens': 1, 'output_tokens': 1}}
        yield {'type': 'message_start', 'message': message}
        yield {'type': 'content_block_start', 'index': 0,
               'content_block': block}
        yield {'type': 'content_block_delta', 'index': 0, 'delta': delta}
        yield {'type': 'content_block_stop', 'index': 0}
        yield {'type': 'message_delta', 'delta': {'stop_reason': reason},
               'usage': {'output_tokens': 1}}
        yield {'type': 'message_stop'}


class Chat:
    """https://platform.openai.com/docs/api-reference/chat"""

    name = 'chat'
    path = re.compile(r'/chat/completions$')

    @staticmethod
    def messages(body):
        for message in body['messages']:
            yield message['role'], text_of(message.get('content') or '')

    @staticmethod
    def tools(body):
        return [tool['function']['name'] for tool in body.get('tools', [])]

    @staticmethod
    def choice(answer):
        if isinstance(answer, str):
            return {'role': 'assistant', 'content': answer}, 'stop'
        function = {'name': answer[0], 'arguments': json.dumps(answer[1])}
        call = {'index': 0, 'id': 'call', 'type': 'function',
                'function': function}
        return {'role': 'assistant', 'tool_calls': [call]}, 'tool_calls'

    @staticmethod
    def completion(key, message, reason):
        return {'id': 'completion', 'created': 0, 'model': 'scripted',
                'object': 'chat.completion',
                'choices': [{'index': 0, key: message,
                             'finish_reason': reason}],
                'usage': {'prompt_tokens': 1, 'completion_tokens': 1,
                          'total_tokens': 2}}

    @classmethod
    def events(cls, answer):
        message, reason = cls.choice(answer)
        yield cls.completion('delta', message, None)
        yield cls.completion('delta', {}, reason)

    @classmethod
    def document(cls, answer):
        return cls.completion('message', *cls.choice(answer))


class Google:
    """https://ai.google.dev/api/generate-content"""

    name = 'google'
    path = re.compile(r':(streamG|g)enerateContent$')

    @staticmethod
    def messages(body):
        for content in body['contents']:
            if any('functionResponse' in part for part in content['parts']):
                yield 'tool', ''
            else:
                yield content.get('role', 'user'), text_of(content['parts'])

    @staticmethod
    def tools(body):
        return [function['name'] for tool in body.get('tools', [])
                for function in tool.get('functionDeclarations', [])]

    @staticmethod
    def document(answer):
        if isinstance(answer, str):
            part = {'text': answer}
        else:
            part = {'functionCall': {'name': answer[0], 'args': answer[1]}}
        return {'candidates': [{'content': {'role': 'model', 'parts': [part]},
                                'finishReason': 'STOP', 'index': 0}],
                'usageMetadata': {'promptTokenCount': 1,
                                  'candidatesTokenCount': 1,
                                  'totalTokenCount': 2}}

    @classmethod
    def events(cls, answer):
        yield cls.document(answer)


PROTOCOLS = [OpenAi, Anthropic, Chat, Google]


def ruled(text):
    """The directives that a rule has for a message."""
    rules = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if rules and rules.exists():
        for texts, directives in json.loads(rules.read_text(encoding='utf-8')):
            if all(each in text for each in texts):
                return directives
    return ''


def directives_in(text, protocol):
    """The directives of a message: what each says, by its name."""
    found = DIRECTIVE.findall(text) or DIRECTIVE.findall(ruled(text))
    return {name: said for party in ('', protocol)
            for name, its_party, said in found if its_party == party}


def read_conversation(protocol, body):
    """Returns the directives that count, and whether a tool has run since."""
    directives, count, tool_has_run = {}, 0, False
    for role, text in protocol.messages(body):
        found = directives_in(text, protocol.name) if role == 'user' else {}
        if role == 'tool':
            tool_has_run = True
        elif found:
            count += 1
            directives, tool_has_run = found, False
    if 'count' in directives:
        directives['reply'] = str(count)
    return directives, tool_has_run


def answer_to(protocol, body, directives, tool_has_run):
    if 'sh' in directives and not tool_has_run:
        for name in protocol.tools(body):
            if name in SHELLS:
                return name, SHELLS[name](directives['sh'])
    # Agents also ask for a title and the like, without tools.
    return directives.get('reply', 'done')


class Model(http.server.BaseHTTPRequestHandler):

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        path = self.path.partition('?')[0]
        spoken = [each for each in PROTOCOLS if each.path.search(path)]
        if not spoken:
            self.refuse(404)
            return
        directives, tool_has_run = read_conversation(spoken[0], body)
        if 'wrong' in self.key():
            self.refuse(401)
        elif 'fail' in directives:
            self.refuse(int(directives['fail']))
        elif 'stall' in directives:
            self.start(200, 'text/event-stream')
            self.rfile.read()
        else:
            answer = answer_to(spoken[0], body, directives, tool_has_run)
            if 'stream' in path or body.get('stream'):
                self.stream(spoken[0].events(answer))
            else:
                self.start(200, 'application/json')
                self.write(json.dumps(spoken[0].document(answer)))

    def key(self):
        return ' '.join(self.headers.get(name, '') for name in
                        ('Authorization', 'X-Api-Key', 'X-Goog-Api-Key'))

    def refuse(self, status):
        error = {'type': 'refused', 'code': status, 'status': 'refused',
                 'message': 'refused as the test asked for'}
        self.start(status, 'application/json')
        self.write(json.dumps({'type': 'error', 'error': error}))

    def stream(self, events):
        self.start(200, 'text/event-stream')
        for event in events:
            if 'type' in event:
                self.write(f'event: {event["type"]}\n')
            self.write(f'data: {json.dumps(event)}\n\n')

    def start(self, status, content_type):
        self.send_response(status)
        self.send_header('Content-Type', content_type)
        self.end_headers()

    def write(self, text):
        self.wfile.write(text.encode())

    def log_message(self, *_):
        """Says nothing: the agent's own log tells enough."""


def main():
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()


if __name__ == '__main__':
    main()
