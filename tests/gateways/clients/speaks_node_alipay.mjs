// Speaks for Node's official alipay-sdk: one question a line in, one answer a line out.
// The first argument is the folder whose node_modules hold it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const { AlipaySdk } = createRequire(`${process.argv[2]}/package.json`)('alipay-sdk');

// Makes the SDK's own client as its documentation says.
function clientOf(settings) {
  const privateKey = readFileSync(settings.private_key_file, 'ascii').trim();
  return new AlipaySdk({
    gateway: settings.gateway,
    appId: settings.app_id,
    privateKey,
    keyType: privateKey.includes('RSA PRIVATE KEY') ? 'PKCS1' : 'PKCS8',
    alipayPublicKey: readFileSync(settings.public_key_file, 'ascii').trim(),
    charset: settings.charset,
    camelcase: false,
  });
}

function parametersOf(question) {
  const given = { bizContent: question.content };
  if (question.notify_url) given.notifyUrl = question.notify_url;
  if (question.return_url) given.returnUrl = question.return_url;
  return given;
}

const doing = {
  // Executes a request; the SDK checks the reply's signature, unless a step asks what is in an unsigned one.
  call: (client, question) =>
    client.exec(question.method, parametersOf(question), { validateSign: !question.unchecked }),
  // Gives the address of a page, or the form that leads there.
  page: (client, question) =>
    client.pageExecute(question.method, question.as_form ? 'POST' : 'GET', parametersOf(question)),
  // Checks a notice with the SDK's own function.
  check: (client, question) => client.checkNotifySignV2(question.fields),
};

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  let answer;
  try {
    answer = await doing[question.do](clientOf(question.with), question);
  } catch (error) {
    answer = { raised: `${error.name}: ${error.message} ${error.responseDataRaw ?? ''}` };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
