// Before anything is painted: the theme that was chosen last.
(() => {
  let chosen = null;
  try { chosen = localStorage.getItem("bodydouble-theme"); } catch { /* a browser that keeps nothing */ }
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
})();
