const part = id => document.getElementById(id);

fetch('/nouns').then(answer => answer.json()).then(nouns => part('nouns').append(...nouns.map(noun => {
  const option = document.createElement('option');
  option.value = noun;
  return option;
})));

part('form').addEventListener('submit', async event => {
  event.preventDefault();
  part('message').textContent = 'Looking …';
  part('result').hidden = true;
  try {
    const response = await fetch('/segment', { method: 'POST', body: new FormData(event.target) });
    const text = await response.text();
    const answer = text ? JSON.parse(text) : { error: `The server answered ${response.status}.` };
    if (!response.ok) throw new Error(answer.error);
    part('overlay').src = answer.overlay;
    part('mask').src = answer.mask;
    part('figures').textContent = `${answer.query}: ${answer.pixels} of ${answer.width} × ${answer.height} pixels, confidence ${answer.confidence.toFixed(2)}, ${answer.hypotheses} hypotheses${answer.secondLook ? ', looked twice' : ''}`;
    part('result').hidden = false;
    part('message').textContent = 'Done.';
  } catch (error) {
    part('message').textContent = error.message;
  }
});
