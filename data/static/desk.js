// Datasette answers 400 to an empty search in a full-text index: leave the field out of the form when it is empty.
document.addEventListener("formdata", (event) => {
  if (!(event.formData.get("_search") || "").replaceAll('"', "").trim()) event.formData.delete("_search");
});
// "/" goes to the search box, as in many newsrooms' tools, unless one is writing somewhere.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
  event.preventDefault();
  document.getElementById("mast-q")?.focus();
});
// On a phone the menu is wider than the screen: show the part that holds this page. (scrollIntoView would also make the first
// Tab begin there, past the skip link.)
document.addEventListener("DOMContentLoaded", () => {
  const here = document.querySelector(".mast-nav [aria-current]");
  const menu = here?.closest("ul");
  if (menu) menu.scrollLeft = here.offsetLeft - menu.offsetLeft - (menu.clientWidth - here.offsetWidth) / 2;
});
