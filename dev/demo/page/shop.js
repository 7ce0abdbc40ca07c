// The snippet's stub: commands wait in `q` until the widget has come.
window.Parley =
  window.Parley ||
  function stub(...command) {
    stub.q = stub.q || [];
    stub.q.push(command);
  };

for (const button of document.querySelectorAll('[data-parley]')) {
  button.addEventListener('click', () => window.Parley(button.dataset.parley));
}
