"""What only a newcomer's machine needs: embedded servers, a mail catcher, the demo clinic. The cli alone imports it."""
