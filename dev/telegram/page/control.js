/** Calls the emulator, see EmulatorControl. */
export async function control(name, input = {}) {
  const response = await fetch(`/_control/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

let toastTimer;
/** Says something for a few seconds. */
export function toast(text) {
  document.getElementById('toast').textContent = text;
  document.getElementById('toast').hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => {
    document.getElementById('toast').hidden = true;
  }, 4000);
}

/** Does something for the agent and says so when it fails. */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    toast(error.message);
    return undefined;
  }
}
