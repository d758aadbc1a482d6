// Says that scripts run: .only-script shows, .no-script hides.
document.documentElement.classList.add("script");
